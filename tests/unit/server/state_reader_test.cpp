// The quick way and the thorough one read the same, and it takes what directories write.
#include "server/storage/state_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trueque {
namespace {

const char* const kWhole[] = {
    R"({"version": 1, "peers": []})",
    R"({"peers": [{"files": [], "peer_port": 1, "peer_ip": "h", "username": "a"}], "version": 1})",
    R"({"version": 1, "peers": [{"username": "añ\u00e9", "peer_ip": "::1", "peer_port": 65535,
        "files": [{"name": "x/y"}, {"size": 0, "name": "z", "content_id":
        "00000000000000000000000000000000000000000000000000000000000000AB"}]}]})",
    R"({"more": {"version": [2, {"peers": null}], "x": -1.5}, "version": 1, "even": [[]],
        "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "later": {"files": [1]},
        "files": [{"name": "x", "since": [true, null, "name"]}]}], "accounts": [{"username": 1}]})",
};

const char* const kNotQuickly[] = {
    "",
    "[]",
    "5",
    R"({"version": 1, "peers": [])",
    R"({"version": 1, "peers": []} x)",
    R"({"version": 2, "peers": []})",
    R"({"version": 1})",
    R"({"peers": []})",
    R"({"version": 1, "version": 1, "peers": []})",
    R"({"version": 1, "peers": {}})",
    R"({"version": 1, "peers": [5]})",
    R"({"version": 1, "peers": [[]]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1}]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 0, "files": []}]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 70000,
        "files": []}]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1,
        "files": [{"name": "../x"}]}]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1,
        "files": [{"name": "x", "size": 1}]}]})",
    R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1,
        "files": [{"size": 1}]}]})",
    R"({"ana": ["10.0.0.1", [0, "a.txt"]]})",
};

std::vector<LoadedPeer> read_quickly(std::string_view text, bool& is_whole) {
  std::vector<LoadedPeer> peers;
  is_whole = read_state_quickly(text, [&](LoadedPeer&& peer) { peers.push_back(std::move(peer)); });
  return peers;
}

TEST(StateReader, ReadsWhatTheThoroughWayReads) {
  for (const char* text : kWhole) {
    bool is_whole = false;
    const std::vector<LoadedPeer> quickly = read_quickly(text, is_whole);
    EXPECT_TRUE(is_whole) << text;
    const auto thoroughly = read_state(text);
    ASSERT_TRUE(thoroughly.ok()) << thoroughly.error().message;
    ASSERT_EQ(quickly.size(), thoroughly->peers.size());
    for (std::size_t i = 0; i < quickly.size(); ++i) {
      EXPECT_EQ(quickly[i].key, thoroughly->peers[i].key);
      EXPECT_EQ(quickly[i].files, thoroughly->peers[i].files);
    }
  }
}

TEST(StateReader, LeavesEverythingElseToTheThoroughWay) {
  for (const char* text : kNotQuickly) {
    bool is_whole = true;
    read_quickly(text, is_whole);
    EXPECT_FALSE(is_whole) << text;
  }
}

TEST(StateReader, TellsAboutHowManyFilesThereAre) {
  EXPECT_EQ(likely_files(""), 0U);
  EXPECT_EQ(likely_files(kWhole[2]), 2U);
  std::string text;
  constexpr std::size_t kFiles = 100'000;
  for (std::size_t i = 0; i < kFiles; ++i) text += R"({"name": "a name of some length"}, )";
  EXPECT_NEAR(static_cast<double>(likely_files(text)), kFiles, kFiles * 0.01);
}

}  // namespace
}  // namespace trueque
