// The OpenAPI document beside the routes: each route, each status, neither more nor less.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "server/http/openapi_document.h"
#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using nlohmann::json;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_get;
using testing::raw_post;

// HTTP's own, which any request can meet; their table is in http_parser_test.cpp.
const std::set<std::string> kOfHttp = {"400", "408", "413", "414", "417",
                                       "431", "500", "501", "503", "505"};
const std::string kId(64, 'a');

json document() { return json::parse(openapi_document()); }

std::string lower(std::string_view method) { return method == "GET" ? "get" : "post"; }

std::set<std::string> statuses_of(const json& operation) {
  std::set<std::string> statuses;
  for (const auto& [status, response] : operation["responses"].items()) statuses.insert(status);
  return statuses;
}

TEST(OpenApi, HasEachRouteAndNoOther) {
  const json paths = document()["paths"];
  EXPECT_EQ(paths.size(), DirectoryRoutes::facts().size());
  for (const RouteFacts& route : DirectoryRoutes::facts()) {
    const std::string path(route.path);
    ASSERT_TRUE(paths.contains(path)) << path;
    ASSERT_EQ(paths[path].size(), 1U) << path;
    const json& operation = paths[path][lower(route.method)];
    ASSERT_TRUE(operation.is_object()) << path;
    EXPECT_EQ(operation.contains("security"), !route.needs_session) << path;
    EXPECT_EQ(operation.contains("requestBody"), route.method == "POST") << path;
    const std::string type(route.content_type.substr(0, route.content_type.find(';')));
    EXPECT_TRUE(operation["responses"]["200"]["content"].contains(type)) << path;
  }
}

TEST(OpenApi, IsServed) {
  DirectoryServer server;
  EXPECT_EQ(exchange(server.port(), raw_get("/openapi.json")).json(), document());
}

// Asks each route in every way that ends in another status.
class Provoker {
 public:
  std::map<std::string, std::set<std::string>> all() {
    const std::string peer = R"({"peer_ip":"10.0.0.1"})";
    const std::string other = R"({"peer_ip":"10.0.0.9"})";
    const std::string swarm = R"(,"content_id":")" + kId + R"(","size":5})";
    post("/login", R"({"username":"ana","password":"pw","peer_ip":"10.0.0.1"})");
    for (int i = 0; i < 6; ++i)
      post("/login", R"({"username":"ana","password":"wrong","peer_ip":"10.0.0.1"})");
    closed("/login", R"({"username":"eva","password":"pw","peer_ip":"10.0.0.1"})");
    const std::string index = R"(,"peer_files":["a.txt"]})";
    post("/indexFiles", peer.substr(0, peer.size() - 1) + index);
    post("/indexFiles", other.substr(0, other.size() - 1) + index);
    for (const std::string path : {"/joinSwarm", "/leaveSwarm"}) {
      post(path, peer.substr(0, peer.size() - 1) + swarm);
      post(path, other.substr(0, other.size() - 1) + swarm);
    }
    post("/getFiles", R"({"file_name":"a.txt"})");
    post("/getFiles", R"({"file_name":"b.txt"})");
    post("/findFiles", R"({"names":["a.txt"]})");
    post("/heartbeat", peer);
    post("/heartbeat", other);
    get("/search?q=a");
    get("/search");
    for (const char* path :
         {"/peers", "/stats", "/healthz", "/readyz", "/metrics", "/openapi.json"})
      get(path);
    note("/metrics", hidden_, raw_get("/metrics"));
    HttpRequest far;
    far.method = "GET";
    far.path = "/metrics";
    far.remote_address = "192.0.2.7";
    seen_["/metrics"].insert(std::to_string(server_.routes().handle(far).status));
    for (const RouteFacts& route : DirectoryRoutes::facts()) ask_wrongly(route);
    post("/logout", other);
    post("/logout", peer);
    return seen_;
  }

 private:
  void note(std::string path, DirectoryServer& server, const std::string& request) {
    path = path.substr(0, path.find('?'));
    seen_[path].insert(std::to_string(testing::exchange(server.port(), request).status));
  }
  void post(const std::string& path, const std::string& body) {
    note(path, server_, raw_post(path, body, token_));
  }
  void closed(const std::string& path, const std::string& body) {
    note(path, closed_, raw_post(path, body));
  }
  void get(const std::string& target) { note(target, server_, raw_get(target, token_)); }

  void ask_wrongly(const RouteFacts& route) {
    const std::string path(route.path);
    const bool is_post = route.method == "POST";
    note(path, server_, is_post ? raw_get(path, token_) : raw_post(path, "", token_));
    if (is_post) post(path, "[]");
    if (route.needs_session) note(path, server_, is_post ? raw_post(path, "{}") : raw_get(path));
    // Another peer's in open mode, which knows none.
    if (is_post)
      note(path, open_,
           raw_post(path, R"({"peer_ip":"10.0.0.9","peer_files":[],"content_id":")" + kId +
                              R"(","size":5,"file_name":"x"})"));
    for (int i = 0; i < 2; ++i) note(path, slow_, is_post ? raw_post(path, "{}") : raw_get(path));
  }

  static DirectoryRules closed_rules() {
    DirectoryRules rules;
    rules.registration = Registration::kClosed;
    return rules;
  }

  DirectoryServer server_;
  DirectoryServer closed_{closed_rules()};
  DirectoryServer open_{testing::open_rules()};
  DirectoryServer slow_{{}, {}, 1};
  DirectoryServer hidden_{{}, {}, 0, MetricsAccess::kOff};
  const std::string token_ = server_.log_in("ana");
  std::map<std::string, std::set<std::string>> seen_;
};

TEST(OpenApi, HasEachStatusThatARouteAnswersWith) {
  const json paths = document()["paths"];
  const auto seen = Provoker().all();
  for (const RouteFacts& route : DirectoryRoutes::facts()) {
    const std::string path(route.path);
    std::set<std::string> expected = seen.at(path);
    expected.insert(kOfHttp.begin(), kOfHttp.end());
    EXPECT_EQ(statuses_of(paths[path][lower(route.method)]), expected) << path;
  }
}

}  // namespace
}  // namespace trueque
