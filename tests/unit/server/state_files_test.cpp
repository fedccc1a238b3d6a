// Files as the JSON repository finds them: damaged ones, and the original's.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/json_repository_fixture.h"

namespace trueque {
namespace {

using testing::placeholder;
using Peers = std::vector<PeerKey>;
using Names = std::vector<std::string>;

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};

class StateFilesTest : public testing::JsonRepositoryFixture {};

struct Damage {
  const char* text;
  const char* where;
};

const Damage kDamagedStates[] = {
    {"", "line 1, column 1: the file is empty"},
    {"garbage", "line 1, column 1"},
    {"{\"version\": 1,\n \"peers\": [}", "line 2, column 12"},
    {"{\"version\": 1, \"peers\": []", "line 1, column 27"},
    {"{\"version\": 1, \"peers\": []} x", "line 1, column 29"},
    {"[]", "the document: is no object"},
    {"null", "the document: is no object"},
    {"{\"version\": 2, \"peers\": []}", "version: is 2; this program reads 1"},
    {"{\"version\": \"1\", \"peers\": []}", "version: is \"1\""},
    {"{\"version\": 1}", "peers: is missing"},
    {"{\"peers\": []}", "version: is missing"},
    {"{\"version\": 1, \"peers\": {}}", "peers: is no list"},
    {"{\"version\": 1, \"peers\": [5]}", "peers[0].username: is missing"},
    {R"({"version": 1, "peers": [{"username": "", "peer_ip": "h", "peer_port": 1, "files": []}]})",
     "peers[0].username: is no valid name"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "", "peer_port": 1, "files": []}]})",
     "peers[0].peer_ip: is not an IPv4"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 0, "files": []}]})",
     "peers[0].peer_port: is no whole number from 1 to 65535"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1}]})",
     "peers[0].files: is missing"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok"}, {"name": "../x"}]}]})",
     "peers[0].files[1].name: has a component '.' or '..'"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": 5}]}]})",
     "peers[0].files[0].content_id: is missing"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": -5, "content_id": "0"}]}]})",
     "peers[0].files[0].size: is no whole number"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": 5, "content_id": "xyz"}]}]})",
     "peers[0].files[0].content_id: is not 64 hex digits"},
    {R"({"ana": "10.0.0.1"})", "ana: is no list that begins with an address"},
    {R"({"ana": ["10.0.0.1", 5]})", "ana[1]: is no list"},
    {R"({"ana": ["10.0.0.1", [0, {}]]})", "ana[1][1]: is no file name"},
    {R"({"ana": ["10.0.0.1", [0], ["10.0.0.2", [0, null]]]})", "ana[2][1][1]: is no file name"},
};

TEST_F(StateFilesTest, ADamagedFileIsNamedWithThePlaceAndLeftAsItIs) {
  for (const Damage& row : kDamagedStates) {
    put(path_, row.text);
    const auto opened = try_open();
    ASSERT_FALSE(opened.ok()) << row.text;
    EXPECT_EQ(opened.error().code, Code::kDataLoss) << row.text;
    EXPECT_EQ(exit_code_for_storage(opened.error().code), ExitCode::kInputOutput);
    EXPECT_NE(opened.error().message.find(path_ + ": " + row.where), std::string::npos)
        << row.text << "\n"
        << opened.error().message;
    EXPECT_EQ(read_file(path_).value_or("?"), row.text);
    EXPECT_FALSE(std::filesystem::exists(path_ + ".original"));
  }
}

TEST_F(StateFilesTest, DamagedSessionsAreNamedToo) {
  const Damage rows[] = {
      {"", "line 1, column 1"},
      {"{}", "version: is missing"},
      {R"({"version": 1, "sessions": [{"token_hash": "ab"}], "leases": []})",
       "sessions[0].token_hash: is not 64 hex digits"},
      {R"({"version": 1, "sessions": []})", "leases: is missing"},
  };
  for (const Damage& row : rows) {
    put(sessions_path_, row.text);
    const auto opened = try_open();
    ASSERT_FALSE(opened.ok()) << row.text;
    EXPECT_EQ(opened.error().code, Code::kDataLoss);
    EXPECT_NE(opened.error().message.find(sessions_path_ + ": " + row.where), std::string::npos)
        << opened.error().message;
    EXPECT_EQ(read_file(sessions_path_).value_or("?"), row.text);
  }
}

TEST_F(StateFilesTest, AFolderInPlaceOfTheFileIsAReadError) {
  std::filesystem::create_directory(path_);
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(exit_code_for_storage(opened.error().code), ExitCode::kInputOutput);
}

TEST_F(StateFilesTest, TheOriginalsFileIsUpgradedAndKept) {
  const auto original = read_file(std::string(TRUEQUE_TEST_DATA) + "/original/logged_peers.json");
  ASSERT_TRUE(original.ok());
  put(path_, *original);
  open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, {"ana", "10.0.0.3", 50051}}));
  EXPECT_EQ((*repository_->find_by_name("a.txt", 50))[0].peer, kAna);
  EXPECT_EQ((*repository_->find_by_name("b.txt", 50))[0].file, placeholder("b.txt"));
  EXPECT_EQ(repository_->warnings(), Names{});
  EXPECT_EQ(state()["version"], 1);
  EXPECT_EQ(state()["peers"].size(), 2U);
  EXPECT_EQ(read_file(path_ + ".original").value_or(""), *original);
}

TEST_F(StateFilesTest, ACopyOfAnOriginalIsNeverWrittenOver) {
  put(path_ + ".original", "an older one");
  put(path_, R"({"ana": ["10.0.0.1", [0]]})");
  open();
  EXPECT_EQ(read_file(path_ + ".original").value_or(""), "an older one");
  EXPECT_EQ(read_file(path_ + ".original.1").value_or(""), R"({"ana": ["10.0.0.1", [0]]})");
}

TEST_F(StateFilesTest, EveryShapeTheOriginalLeavesIsRead) {
  const struct {
    const char* text;
    Peers peers;
  } rows[] = {
      {"{}", {}},
      {R"({"ana": ["10.0.0.1", [0]], "bob": ["10.0.0.2", [0, "x"]]})", {kAna, kBob}},
      {R"({"ana": ["10.0.0.1", [0], ["h", [0]], ["h", [0, "y"]]]})", {kAna, {"ana", "h", 50051}}},
      {R"({"ana": ["10.0.0.1", [0], ["h", [0], ["i", [0], ["j", [0, "z"]]]]]})",
       {kAna, {"ana", "h", 50051}, {"ana", "i", 50051}, {"ana", "j", 50051}}},
      {R"({"version": ["10.0.0.1", [0]], "peers": ["10.0.0.1", [0]]})",
       {{"peers", "10.0.0.1", 50051}, {"version", "10.0.0.1", 50051}}},
      {R"({"peers": ["10.0.0.1", [0]]})", {{"peers", "10.0.0.1", 50051}}},
  };
  for (const auto& row : rows) {
    repository_.reset();
    put(path_, row.text);
    open();
    EXPECT_EQ(peer_keys(), row.peers) << row.text;
  }
}

TEST_F(StateFilesTest, WhatTodaysRulesForbidIsLeftOutWithAWarning) {
  put(path_, R"({"": ["10.0.0.1", [0]], "ana": ["10.0.0.1", [0, "ok", "../x", "a\nb"]],
                 "eve": ["no address", [0, "f"], ["10.0.0.9", [0, "g"]]]})");
  open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, {"eve", "10.0.0.9", 50051}}));
  EXPECT_EQ(repository_->counts()->files, 2U);
  EXPECT_EQ(repository_->warnings().size(), 4U);
  for (const std::string& warning : repository_->warnings()) {
    EXPECT_EQ(warning.find('\n'), std::string::npos) << warning;
  }
}

TEST_F(StateFilesTest, ADeepFileOfTheOriginalIsNoTrouble) {
  std::string text = R"(["h", [0]])";
  for (int i = 0; i < 2000; ++i) text = R"(["h", [0], )" + text + "]";
  put(path_, "{\"ana\": " + text + "}");
  open();
  EXPECT_EQ(peer_keys(), (Peers{{"ana", "h", 50051}}));
}

}  // namespace
}  // namespace trueque
