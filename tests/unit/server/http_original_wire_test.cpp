// The original client's requests, byte for byte and in its order, against this
// directory in open mode: every status and every member it was answered with then
// (but the password, which is no longer echoed), plus members of ours.
#include <gtest/gtest.h>

#include "tests/support/directory_server.h"
#include "tests/support/recorded_wire.h"

namespace trueque {
namespace {

using nlohmann::json;

// Every member of `expected` is in `actual`.
bool covers(const json& actual, const json& expected) {
  if (expected.is_object()) {
    return actual.is_object() &&
           std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& item) {
             return actual.contains(item.key()) && covers(actual[item.key()], item.value());
           });
  }
  if (!expected.is_array()) return actual == expected;
  return actual.is_array() && actual.size() == expected.size() &&
         std::equal(expected.begin(), expected.end(), actual.begin(),
                    [](const json& want, const json& have) { return covers(have, want); });
}

TEST(OriginalWire, IsAnsweredAsRecorded) {
  testing::DirectoryServer server(testing::open_rules());
  const auto exchanges =
      testing::read_recorded_wire(std::string(TRUEQUE_TEST_DATA) + "/original/original-wire.txt");
  ASSERT_EQ(exchanges.size(), 5U);
  for (const auto& recorded : exchanges) {
    SCOPED_TRACE(recorded.request.head);
    const testing::RawResponse response =
        testing::exchange(server.port(), recorded.request.head + recorded.request.body);
    EXPECT_EQ(response.status, std::stoi(recorded.response.head.substr(9)));
    json expected = json::parse(recorded.response.body);
    if (expected.is_object()) expected.erase("password");
    EXPECT_TRUE(covers(response.json(), expected)) << response.body << "\nfor " << expected;
    EXPECT_EQ(response.body.find("secreto"), std::string::npos);
  }
}

TEST(OriginalWire, WhatItGotForMistakes) {
  testing::DirectoryServer server(testing::open_rules());
  const auto post = [&](const char* path, const char* body) {
    return testing::exchange(server.port(), testing::raw_post(path, body));
  };
  const auto unknown = post("/indexFiles", R"({"peer_ip": "10.0.0.7", "peer_files": ["a"]})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.json()["error"], "Peer IP not found.");
  const auto missing = post("/getFiles", R"({"file_name": "none.txt"})");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.json()["error"], "File not found.");
  const auto logout = post("/logout", R"({"peer_ip": "10.0.0.7"})");
  EXPECT_EQ(logout.status, 200);
  EXPECT_EQ(logout.json()["message"], "Logged out peer with IP 10.0.0.7");
}

}  // namespace
}  // namespace trueque
