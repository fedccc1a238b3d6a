// The directory over real sockets: shapes of answers, and every bad request in the
// one error shape.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using nlohmann::json;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_get;
using testing::raw_post;
using testing::RawResponse;

const std::string kId(64, 'a');

void expect_error(const RawResponse& response, int status, const std::string& mentions = "") {
  EXPECT_EQ(response.status, status) << response.body;
  const json body = response.json();
  ASSERT_TRUE(body.is_object()) << response.body;
  EXPECT_EQ(body.size(), 3U) << response.body;
  EXPECT_TRUE(body["error"].is_string() && !body["error"].get<std::string>().empty());
  EXPECT_EQ(body["error"], body["message"]);
  EXPECT_TRUE(body["code"].is_string() && !body["code"].get<std::string>().empty());
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  EXPECT_NE(response.body.find(mentions), std::string::npos) << response.body;
}

TEST(HttpRoutes, LoginTellsThePeerAndNeverThePassword) {
  DirectoryServer server;
  const RawResponse response = exchange(
      server.port(),
      raw_post("/login", R"({"username":"ana","password":"secreto","peer_ip":"10.0.0.1"})"));
  ASSERT_EQ(response.status, 200) << response.body;
  json body = response.json();
  EXPECT_FALSE(body["token"].get<std::string>().empty());
  body.erase("token");
  EXPECT_TRUE(body["revision"].is_number_unsigned());
  body.erase("revision");
  EXPECT_EQ(body, json::parse(R"({"username":"ana","peer_ip":"10.0.0.1","peer_port":50051,
                                  "heartbeat_seconds":15,"lease_seconds":45,"files":0,
                                  "digest":"00000000000000000000000000000000"})"));
}

TEST(HttpRoutes, AWholeSession) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  const auto post = [&](const std::string& path, const json& body) {
    return exchange(server.port(), raw_post(path, body.dump(), token));
  };
  const auto get = [&](const std::string& target) {
    return exchange(server.port(), raw_get(target, token)).json();
  };
  EXPECT_EQ(
      post("/indexFiles",
           {{"peer_ip", "10.0.0.1"},
            {"peer_files", {"old.txt", {{"name", "p/a b.jpg"}, {"size", 7}, {"content_id", kId}}}}})
          .json(),
      json({{"message", "Files indexed successfully."}, {"indexed", 2}}));
  EXPECT_EQ(post("/getFiles", {{"file_name", "a b.jpg"}}).json(),
            json::parse(R"([{"peer_name":"ana","peer_ip":"10.0.0.1","peer_port":50051,
                             "file_name":"p/a b.jpg","size":7,"content_id":")" +
                        kId + R"(",
                             "download_link":"http://10.0.0.1/download/ana/p/a%20b.jpg"}])"));
  EXPECT_EQ(post("/getFiles", {{"file_name", "old.txt"}}).json(),
            json::parse(R"([{"peer_name":"ana","peer_ip":"10.0.0.1","peer_port":50051,
                "file_name":"old.txt","download_link":"http://10.0.0.1/download/ana/old.txt"}])"));
  std::string upper = kId;
  for (char& c : upper) c = 'A';
  EXPECT_EQ(post("/getFiles", {{"content_id", upper}, {"limit", 1}}).json().size(), 1U);
  EXPECT_EQ(get("/search?q=OLD"),
            json::parse(R"({"files":[{"file_name":"old.txt","sources":1}],"next":null})"));
  EXPECT_EQ(get("/search?q=a+b")["files"][0]["content_id"], kId);
  const json page = get("/search?q=.&limit=1");
  ASSERT_TRUE(page["next"].is_string()) << page;
  const json second = get("/search?q=.&limit=1&cursor=" + page["next"].get<std::string>());
  EXPECT_NE(second["files"][0], page["files"][0]);
  EXPECT_TRUE(second["next"].is_null());
  EXPECT_EQ(get("/peers"), json::parse(R"({"peers":[{"peer_name":"ana","peer_ip":"10.0.0.1",
      "peer_port":50051,"files":2,"last_seen_seconds":0}]})"));
  EXPECT_EQ(get("/stats"), json::parse(R"({"peers":1,"files":2,"names":2,"contents":1,
                                           "uptime_seconds":0})"));
  json beat = post("/heartbeat", {{"peer_ip", "10.0.0.1"}, {"peer_port", 50051}}).json();
  EXPECT_TRUE(beat["revision"].is_number_unsigned());
  beat.erase("revision");
  EXPECT_EQ(beat, json::parse(R"({"heartbeat_seconds":15,"lease_seconds":45,"files":2,
                                  "digest":"630d0d7be9709d1677f64cd217838d23"})"));
  EXPECT_EQ(post("/logout", {{"peer_ip", "10.0.0.1"}}).json(),
            json({{"message", "Logged out peer with IP 10.0.0.1"}}));
  expect_error(post("/logout", {{"peer_ip", "10.0.0.1"}}), 401);
}

TEST(HttpRoutes, ManyFilesInOneRequest) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  const auto post = [&](const std::string& path, const json& body) {
    return exchange(server.port(), raw_post(path, body.dump(), token)).json();
  };
  post("/indexFiles",
       {{"peer_ip", "10.0.0.1"},
        {"peer_files", {"p/old.txt", {{"name", "p/a"}, {"size", 7}, {"content_id", kId}}}}});
  const json sources = {{{"peer_name", "ana"}, {"peer_ip", "10.0.0.1"}, {"peer_port", 50051}}};
  const json a = {{"file_name", "p/a"}, {"size", 7}, {"content_id", kId}, {"sources", sources}};
  const json old = {{"file_name", "p/old.txt"}, {"sources", sources}};
  EXPECT_EQ(post("/findFiles", {{"names", {"old.txt", "p/a", "none"}}, {"x", 1}}),
            json({{"files", {a, old}}, {"next", nullptr}}));
  EXPECT_EQ(post("/findFiles", {{"content_ids", {kId}}}),
            json({{"files", {a}}, {"next", nullptr}}));
  EXPECT_EQ(post("/findFiles", {{"folder", "none"}}).dump(), R"({"files":[],"next":null})");
  const json page = post("/findFiles", {{"folder", "p"}, {"limit", 1}});
  EXPECT_EQ(page["files"], json::array({a}));
  ASSERT_TRUE(page["next"].is_string()) << page;
  EXPECT_EQ(post("/findFiles", {{"folder", "p"}, {"limit", 1}, {"cursor", page["next"]}}),
            json({{"files", {old}}, {"next", nullptr}}));
  EXPECT_EQ(post("/findFiles", {{"pattern", "*.txt"}, {"peer_name", "ana"}, {"cursor", ""}}),
            json({{"files", {old}}, {"next", nullptr}}));
}

TEST(HttpRoutes, WhoFetchesWhat) {
  DirectoryServer server;
  const std::string ana = server.log_in("ana");
  const std::string bob = server.log_in("bob", "10.0.0.2");
  const auto post = [&](const std::string& path, const std::string& ip, const std::string& token) {
    const json body = {{"peer_ip", ip}, {"size", 7}, {"content_id", kId}};
    return exchange(server.port(), raw_post(path, body.dump(), token));
  };
  EXPECT_EQ(post("/joinSwarm", "10.0.0.1", ana).json(),
            json::parse(R"({"peers":[],"renew_seconds":10})"));
  EXPECT_EQ(post("/joinSwarm", "10.0.0.2", bob).json(),
            json::parse(R"({"peers":[{"peer_name":"ana","peer_ip":"10.0.0.1","peer_port":50051}],
                            "renew_seconds":10})"));
  EXPECT_EQ(post("/leaveSwarm", "10.0.0.1", ana).json(), json({{"message", "Left the download."}}));
  EXPECT_EQ(post("/joinSwarm", "10.0.0.2", bob).json()["peers"], json::array());
  expect_error(post("/joinSwarm", "10.0.0.2", ana), 403);
  expect_error(post("/leaveSwarm", "10.0.0.2", ana), 403);
}

TEST(HttpRoutes, HealthNeedsNoTokenAndHasAHead) {
  DirectoryServer server;
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, R"({"status":"ok"})");
  testing::RawConnection connection(server.port());
  connection.send("HEAD /healthz HTTP/1.1\r\n\r\n");
  const RawResponse head = connection.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "15");
  connection.send(raw_get("/healthz"));
  EXPECT_EQ(connection.receive().body, R"({"status":"ok"})");  // no stray body in between
}

TEST(HttpRoutes, RefusesWithoutAToken) {
  DirectoryServer server;
  for (const char* path : {"/logout", "/indexFiles", "/getFiles", "/findFiles", "/joinSwarm",
                           "/leaveSwarm", "/heartbeat"}) {
    const RawResponse response = exchange(server.port(), raw_post(path, "rubbish"));
    expect_error(response, 401);
    EXPECT_EQ(response.header("WWW-Authenticate"), "Bearer");
  }
  for (const char* path : {"/search?q=a", "/peers", "/stats"}) {
    expect_error(exchange(server.port(), raw_get(path)), 401);
    expect_error(exchange(server.port(), raw_get(path, "unknown")), 401);
  }
}

TEST(HttpRoutes, RefusesAnotherPeersToken) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  for (const char* body : {R"({"peer_ip":"10.0.0.2","peer_files":[]})",
                           R"({"peer_ip":"10.0.0.1","peer_port":1,"peer_files":[]})"}) {
    for (const char* path : {"/logout", "/indexFiles", "/heartbeat"})
      expect_error(exchange(server.port(), raw_post(path, body, token)), 403);
  }
}

TEST(HttpRoutes, TellsUnknownPathsAndMethods) {
  DirectoryServer server;
  expect_error(exchange(server.port(), raw_get("/")), 404);
  expect_error(exchange(server.port(), raw_get("/login/")), 404);
  expect_error(exchange(server.port(), raw_post("/Login", "{}")), 404);
  const RawResponse get = exchange(server.port(), raw_get("/login"));
  expect_error(get, 405);
  EXPECT_EQ(get.header("Allow"), "POST");
  const RawResponse post = exchange(server.port(), raw_post("/healthz", "{}"));
  expect_error(post, 405);
  EXPECT_EQ(post.header("Allow"), "GET, HEAD");
  expect_error(exchange(server.port(), "BREW /login HTTP/1.1\r\n\r\n"), 405);
}

TEST(HttpRoutes, TheSchemeOfATokenIsReadInAnyCase) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER   "}) {
    EXPECT_EQ(exchange(server.port(), "GET /stats HTTP/1.1\r\nauthorization: " +
                                          std::string(scheme) + token + "\r\n\r\n")
                  .status,
              200);
  }
  for (const char* header : {"Basic YTpi", "Bearer", "Bearer ", ""}) {
    expect_error(exchange(server.port(), "GET /stats HTTP/1.1\r\nAuthorization: " +
                                             std::string(header) + "\r\n\r\n"),
                 401);
  }
}

TEST(HttpRoutes, CountsRequestsByTokenOrAddressButNeverHealth) {
  DirectoryServer server({}, {}, 3);
  const std::string token = server.log_in("ana");  // one of the address's three
  const auto stats = [&](const std::string& with) {
    return exchange(server.port(), raw_get("/stats", with));
  };
  EXPECT_EQ(stats("").status, 401);
  EXPECT_EQ(stats("").status, 401);
  const RawResponse refused = stats("");
  expect_error(refused, 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(stats(token).status, 200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).status, 200);
  server.clock().advance(std::chrono::seconds(1));
  EXPECT_EQ(stats("").status, 401);
}

TEST(HttpRoutes, WhatTheAddressMustAnswerFor) {
  const std::string login = R"({"username":"ana","password":"pw","peer_ip":"10.0.0.1"})";
  struct Row {
    const char* what;
    std::function<std::string(int)> request;
    int status;  // while within the rate
  };
  for (const Row& row : {
           Row{"made-up tokens", [](int i) { return raw_get("/stats", "t" + std::to_string(i)); },
               401},
           Row{"made-up tokens at a login",
               [&](int i) { return raw_post("/login", login, "t" + std::to_string(i)); }, 200},
           Row{"another method", [](int) { return raw_get("/login"); }, 405},
           Row{"another method of health", [](int) { return raw_post("/healthz", ""); }, 405},
           Row{"no such path", [](int) { return raw_get("/nowhere"); }, 404},
       }) {
    SCOPED_TRACE(row.what);
    DirectoryServer server({}, {}, 3);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(exchange(server.port(), row.request(i)).status, row.status);
    expect_error(exchange(server.port(), row.request(3)), 429);
  }
}

TEST(HttpRoutes, AFifthWrongPasswordMakesTheSixthTryWait) {
  DirectoryServer server;
  server.log_in("ana");
  const std::string wrong =
      raw_post("/login", R"({"username":"ana","password":"no","peer_ip":"10.0.0.1"})");
  for (int i = 0; i < 5; ++i) expect_error(exchange(server.port(), wrong), 401);
  const RawResponse response = exchange(server.port(), wrong);
  expect_error(response, 429);
  EXPECT_EQ(response.header("Retry-After"), "30");
}

// --- Bad bodies ---------------------------------------------------------------

struct BadBody {
  const char* path;
  std::string body;
  int status;
  const char* mentions;
};

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::vector<BadBody> bad_bodies() {
  const std::string login = R"({"username":"ana","password":"pw","peer_ip":"10.0.0.9")";
  const std::string peer = R"({"peer_ip":"10.0.0.1")";
  std::vector<BadBody> table = {
      {"/login", login + R"(,"peer_port":70000})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":0})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":-1})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":true})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":50051.0})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":"50051"})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":null})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":1e400})", 422, "peer_port"},
      {"/login", login + R"(,"peer_port":99999999999999999999})", 422, "peer_port"},
      {"/login", R"({"username":"ana","password":"pw"})", 422, "peer_ip"},
      {"/login", R"({"username":"ana","peer_ip":"10.0.0.1"})", 422, "password"},
      {"/login", R"({"password":"pw","peer_ip":"10.0.0.1"})", 422, "username"},
      {"/login", R"({"username":["a"],"password":"pw","peer_ip":"10.0.0.1"})", 422, "username"},
      {"/login", R"({"username":"","password":"pw","peer_ip":"10.0.0.1"})", 422, "username"},
      {"/login", R"({"username":"a\u0000b","password":"pw","peer_ip":"10.0.0.1"})", 422,
       "username"},
      {"/login", R"({"username":"a","password":5,"peer_ip":"10.0.0.1"})", 422, "password"},
      {"/login", R"({"username":"a","password":"pw","peer_ip":"not an ip"})", 422, "peer_ip"},
      {"/login", R"({"username":"a","password":"pw","peer_ip":{}})", 422, "peer_ip"},
      {"/logout", "{}", 422, "peer_ip"},
      {"/logout", R"({"peer_ip":-1e999})", 422, "peer_ip"},
      {"/heartbeat", R"({"peer_ip":1})", 422, "peer_ip"},
      {"/indexFiles", peer + "}", 422, "peer_files"},
      {"/indexFiles", peer + R"(,"peer_files":"a.txt"})", 422, "peer_files"},
      {"/indexFiles", peer + R"(,"peer_files":{"name":"a"}})", 422, "peer_files"},
      {"/indexFiles", peer + R"(,"peer_files":[5]})", 422, "peer_files[0]"},
      {"/indexFiles", peer + R"(,"peer_files":["a",null]})", 422, "peer_files[1]"},
      {"/indexFiles", peer + R"(,"peer_files":[{}]})", 422, "name"},
      {"/indexFiles", peer + R"(,"peer_files":[{"name":5}]})", 422, "name"},
      {"/indexFiles", peer + R"(,"peer_files":[{"name":"a","size":1}]})", 422, "content_id"},
      {"/indexFiles", peer + R"(,"peer_files":[{"name":"a","content_id":")" + kId + "\"}]}", 422,
       "size"},
      {"/indexFiles",
       peer + R"(,"peer_files":[{"name":"a","size":9007199254740992,"content_id":")" + kId +
           "\"}]}",
       422, "size"},
      {"/indexFiles",
       peer + R"(,"peer_files":[{"name":"a","size":-1,"content_id":")" + kId + "\"}]}", 422,
       "size"},
      {"/indexFiles", peer + R"(,"peer_files":[{"name":"a","size":1,"content_id":"zz"}]})", 422,
       "content_id"},
      {"/indexFiles", peer + R"(,"peer_files":[],"mode":"smash"})", 422, "mode"},
      {"/indexFiles", peer + R"(,"peer_files":[],"mode":1})", 422, "mode"},
      {"/getFiles", "{}", 422, "file_name"},
      {"/getFiles", R"({"file_name":5})", 422, "file_name"},
      {"/getFiles", R"({"file_name":""})", 422, "file_name"},
      {"/getFiles", R"({"content_id":"abc"})", 422, "content_id"},
      {"/getFiles", R"({"content_id":7})", 422, "content_id"},
      {"/getFiles", R"({"file_name":"a","limit":-1})", 422, "limit"},
      {"/getFiles", R"({"file_name":"a","limit":0})", 422, "limit"},
      {"/getFiles", R"({"file_name":"a","limit":1001})", 422, "limit"},
      {"/getFiles", R"({"file_name":"a","limit":"5"})", 422, "limit"},
      {"/getFiles", R"({"file_name":"a","limit":1.5})", 422, "limit"},
      {"/joinSwarm", "{}", 422, "peer_ip"},
      {"/leaveSwarm", "{}", 422, "peer_ip"},
      {"/joinSwarm", peer + "}", 422, "size"},
      {"/joinSwarm", peer + R"(,"size":5})", 422, "content_id"},
      {"/joinSwarm", peer + R"(,"content_id":")" + kId + "\"}", 422, "size"},
      {"/joinSwarm", peer + R"(,"size":-1,"content_id":")" + kId + "\"}", 422, "size"},
      {"/joinSwarm", peer + R"(,"size":null,"content_id":")" + kId + "\"}", 422, "size"},
      {"/joinSwarm", peer + R"(,"size":9007199254740992,"content_id":")" + kId + "\"}", 422,
       "size"},
      {"/joinSwarm", peer + R"(,"size":5,"content_id":"zz"})", 422, "content_id"},
      {"/leaveSwarm", peer + R"(,"size":5,"content_id":7})", 422, "content_id"},
      {"/joinSwarm", peer + R"(,"peer_port":0,"size":5,"content_id":")" + kId + "\"}", 422,
       "peer_port"},
      {"/findFiles", "{}", 422, "names"},
      {"/findFiles", R"({"limit":5})", 422, "names"},
      {"/findFiles", R"({"names":[]})", 422, "names"},
      {"/findFiles", R"({"names":[],"folder":"a"})", 422, "names"},
      {"/findFiles", R"({"names":"a"})", 422, "names"},
      {"/findFiles", R"({"names":null})", 422, "names"},
      {"/findFiles", R"({"names":["a",5]})", 422, "names[1]"},
      {"/findFiles", R"({"names":["a",""]})", 422, "names[1]"},
      {"/findFiles", R"({"names":["../a"]})", 422, "names[0]"},
      {"/findFiles", R"({"content_ids":[]})", 422, "content_ids"},
      {"/findFiles", R"({"content_ids":{}})", 422, "content_ids"},
      {"/findFiles", R"({"content_ids":["abc"]})", 422, "content_ids[0]"},
      {"/findFiles", R"({"content_ids":[7]})", 422, "content_ids[0]"},
      {"/findFiles", R"({"folder":""})", 422, "folder"},
      {"/findFiles", R"({"folder":5})", 422, "folder"},
      {"/findFiles", R"({"folder":"a/"})", 422, "folder"},
      {"/findFiles", R"({"folder":"/"})", 422, "folder"},
      {"/findFiles", R"({"folder":"a/../b"})", 422, "folder"},
      {"/findFiles", R"({"pattern":""})", 422, "pattern"},
      {"/findFiles", R"({"pattern":["*"]})", 422, "pattern"},
      {"/findFiles", R"({"pattern":"[a"})", 422, "pattern"},
      {"/findFiles", R"({"pattern":"a\\*"})", 422, "pattern"},
      {"/findFiles", R"({"peer_name":""})", 422, "peer_name"},
      {"/findFiles", R"({"peer_name":1})", 422, "peer_name"},
      {"/findFiles", R"({"peer_name":"a\u0000"})", 422, "peer_name"},
      {"/findFiles", R"({"pattern":"*","limit":0})", 422, "limit"},
      {"/findFiles", R"({"pattern":"*","limit":1001})", 422, "limit"},
      {"/findFiles", R"({"pattern":"*","limit":"5"})", 422, "limit"},
      {"/findFiles", R"({"pattern":"*","cursor":"rubbish"})", 422, "cursor"},
      {"/findFiles", R"({"pattern":"*","cursor":null})", 422, "cursor"},
      {"/findFiles", R"({"pattern":")" + std::string(1025, '*') + "\"}", 422, "pattern"},
  };
  for (const char* name : {"../a", "/a", "a//b", ".", "a/..", "a\\\\b", "a\\u0000b", "a\\u202eb",
                           "a\\u0085b", "a/", ""}) {
    table.push_back({"/indexFiles", peer + R"(,"peer_files":[")" + name + "\"]}", 422, ""});
  }
  table.push_back(
      {"/indexFiles", peer + R"(,"peer_files":[")" + std::string(1025, 'a') + "\"]}", 422, ""});
  std::string many = "\"f\"";
  for (int i = 0; i < 10'000; ++i) many += ",\"f\"";
  table.push_back({"/indexFiles", peer + R"(,"peer_files":[)" + many + "]}", 422, "peer_files"});
  std::string many_wanted = "\"f\"";
  for (int i = 0; i < 1'000; ++i) many_wanted += ",\"f\"";
  table.push_back({"/findFiles", R"({"names":[)" + many_wanted + "]}", 422, "names"});
  for (const char* path : {"/login", "/logout", "/indexFiles", "/getFiles", "/findFiles",
                           "/joinSwarm", "/leaveSwarm", "/heartbeat"}) {
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("{\"a\":}"), std::string("\"\xff\""),
          std::string("{}\0", 3), std::string("{}{}"), std::string("NaN"), std::string("'a'"),
          std::string("\"\\ud800\""), std::string("nul"), nested(65), nested(100'000),
          std::string(100'000, '['), std::string(100'000, '{'), std::string("username=ana")})
      table.push_back({path, text, 400, ""});
    for (const std::string& text :
         {std::string("[]"), std::string("null"), std::string("5"), std::string("\"a\""),
          std::string("true"), nested(64), std::string("-0"), std::string("[{}]")})
      table.push_back({path, text, 422, "object"});
  }
  return table;
}

TEST(HttpRoutes, BadBodiesAreTheClientsMistake) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  testing::RawConnection connection(server.port());  // and none of them ends it
  for (const BadBody& each : bad_bodies()) {
    SCOPED_TRACE(std::string(each.path) + " " + each.body.substr(0, 120));
    ASSERT_TRUE(connection.send(raw_post(each.path, each.body, token)));
    expect_error(connection.receive(), each.status, each.mentions);
  }
  connection.send(raw_get("/stats", token));
  EXPECT_EQ(connection.receive().json()["files"], 0);
}

TEST(HttpRoutes, BadQueriesAreTheClientsMistake) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  for (const auto& [query, mentions] :
       {std::pair("", "q"), std::pair("?q=", "q"), std::pair("?q=+%20", "q"),
        std::pair("?q=%C2%A0%E3%80%80%09", "q"), std::pair("?q=%ff", "q"),
        std::pair("?q=a&limit=-1", "limit"), std::pair("?q=a&limit=0", "limit"),
        std::pair("?q=a&limit=1001", "limit"), std::pair("?q=a&limit=abc", "limit"),
        std::pair("?q=a&limit=", "limit"), std::pair("?q=a&limit=5x", "limit"),
        std::pair("?q=a&limit=%2B5", "limit"), std::pair("?q=a&limit=+5", "limit"),
        std::pair("?q=a&limit=1.0", "limit"), std::pair("?q=a&limit=99999999999999999999", "limit"),
        std::pair("?q=a&cursor=%ff", "cursor"), std::pair("?q=a&cursor=rubbish", "cursor")}) {
    SCOPED_TRACE(query);
    expect_error(exchange(server.port(), raw_get("/search" + std::string(query), token)), 422,
                 mentions);
  }
}

TEST(HttpRoutes, IgnoresWhatItDoesNotKnow) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  EXPECT_EQ(exchange(server.port(),
                     raw_post("/heartbeat", R"({"peer_ip":1,"x":[[1e999]],"peer_ip":"10.0.0.1"})",
                              token, "Content-Type: text/plain\r\n"))
                .status,
            200);
  EXPECT_EQ(exchange(server.port(), raw_get("/search?q=zzz&x=%ff&limit=1000&cursor=", token)).body,
            R"({"files":[],"next":null})");
}

}  // namespace
}  // namespace trueque
