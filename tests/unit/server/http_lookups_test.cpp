// Many look-ups in one request, over real sockets.
#include <gtest/gtest.h>

#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using nlohmann::json;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_post;
using testing::RawResponse;

const std::string kId(64, 'a');

bool is_refused(const RawResponse& response, const std::string& mentions) {
  return response.status == 422 && response.body.find(mentions) != std::string::npos;
}

TEST(HttpLookUps, ManyAreLookedUpAtOnce) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  const auto post = [&](const std::string& path, const json& body) {
    return exchange(server.port(), raw_post(path, body.dump(), token));
  };
  post("/indexFiles",
       {{"peer_ip", "10.0.0.1"},
        {"peer_files", {"p/a.txt", "b.txt", {{"name", "c"}, {"size", 7}, {"content_id", kId}}}}});
  const auto names = [&](const json& asked) {
    std::vector<std::string> found;
    for (const json& row : post("/getFiles", asked).json()) found.push_back(row["file_name"]);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({{"file_names", {"b.txt", "a.txt", "none", "b.txt"}}}),
            (Names{"b.txt", "p/a.txt"}));
  EXPECT_EQ(names({{"content_ids", {kId}}, {"file_names", {"b.txt"}}}), (Names{"b.txt", "c"}));
  EXPECT_EQ(names({{"file_names", {"b.txt"}}, {"file_name", "c"}}), (Names{"b.txt"}));
  EXPECT_EQ(post("/getFiles", {{"file_names", {"none"}}}).status, 404);
  EXPECT_TRUE(is_refused(post("/getFiles", {{"file_names", json::array()}}), "file_names"));
  EXPECT_TRUE(is_refused(post("/getFiles", {{"file_names", {"a", "/b"}}}), "file_names[1]"));
  EXPECT_TRUE(is_refused(post("/getFiles", {{"content_ids", {"xyz"}}}), "content_ids[0]"));
  EXPECT_TRUE(is_refused(post("/getFiles", {{"file_names", json(1'001, "a")}}), "1000"));
  EXPECT_EQ(names({{"file_names", json(1'000, "b.txt")}}), (Names{"b.txt"}));
}

// No answer grows with the product of what is asked and what is shared.
TEST(HttpLookUps, ManyLookUpsShareTheRows) {
  DirectoryServer server;
  std::string token;
  for (int i = 0; i < 15; ++i) {
    token = server.log_in("peer" + std::to_string(i));
    const json body = {{"peer_ip", "10.0.0.1"}, {"peer_files", {"a.txt"}}};
    exchange(server.port(), raw_post("/indexFiles", body.dump(), token));
  }
  json asked = {{"file_names", json(1'000, "x")}};
  asked["file_names"][0] = "a.txt";
  const json rows = exchange(server.port(), raw_post("/getFiles", asked.dump(), token)).json();
  EXPECT_EQ(rows.size(), 10U);
}

}  // namespace
}  // namespace trueque
