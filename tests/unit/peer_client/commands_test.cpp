#include "peer_client/cli/commands.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/base/files.h"
#include "peer_client/cli/command_line.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_terminal.h"

namespace trueque {
namespace {

using Json = nlohmann::json;

// Runs whole command lines in this process, each with a Session of its own, as
// separate calls of the program have.
class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    terminal_.settings.shared_dir = folder_.path().string();
    shared_ = testing::some_bytes(1000);
    content_ = terminal_.peers.at({"10.0.0.2", 50051}).add("a.txt", shared_);
    terminal_.peers.at({"10.0.0.1", 50051}).add("a.txt", shared_);
    directory_.add(bob_, {"a.txt", Content{1000, content_}});
  }

  // `typed` as on a terminal, where a person may be asked.
  int run(std::vector<std::string> words, const std::string& typed = "") {
    terminal_.out.str("");
    terminal_.err.str("");
    CLI::App app;
    CommandLine line(app);
    std::reverse(words.begin(), words.end());
    app.parse(words);
    SessionFile file(state_.file("trueque"), terminal_.settings.directory);
    session_path_ = file.path();
    Commands commands(terminal_.parts(typed), std::move(file), password_);
    return line.run(commands, terminal_.console, !typed.empty());
  }
  void log_in() {
    ASSERT_EQ(run({"login", "--username", "ana", "--peer-ip", "10.0.0.1"}), 0)
        << terminal_.err.str();
  }
  Json document() {
    const std::string text = terminal_.out.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    return Json::parse(text, nullptr, false);
  }
  std::string out() const { return terminal_.out.str(); }
  std::string err() const { return terminal_.err.str(); }

  testing::FakeDirectoryClient directory_;
  testing::FakeTerminal terminal_{directory_};
  testing::TemporaryDirectory folder_;
  testing::TemporaryDirectory state_;
  std::optional<std::string> password_ = "secret";
  std::string session_path_;
  std::vector<std::uint8_t> shared_;
  ContentId content_;
  const PeerKey ana_{"ana", "10.0.0.1", 50051};
  const PeerKey bob_{"bob", "10.0.0.2", 50051};
};

TEST_F(CommandsTest, ALoginLastsBetweenCallsInAFileOfItsOwner) {
  log_in();
  EXPECT_EQ(out(), "Logged in as ana at 10.0.0.1:50051.\n");
  struct stat status {};
  ASSERT_EQ(::stat(session_path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(run({"status", "--json"}), 0);
  EXPECT_EQ(document(), Json({{"logged_in", true},
                              {"username", "ana"},
                              {"peer_ip", "10.0.0.1"},
                              {"peer_port", 50051},
                              {"directory", "http://127.0.0.1:5000"},
                              {"reachable", true},
                              {"downloads", Json::array()}}));
  EXPECT_EQ(run({"--json", "logout"}), 0);
  EXPECT_EQ(document()["message"], "Logged out peer with IP 10.0.0.1");
  EXPECT_NE(::stat(session_path_.c_str(), &status), 0);
  EXPECT_FALSE(directory_.knows(ana_));
  EXPECT_EQ(directory_.heartbeats(), 0);
}

TEST_F(CommandsTest, LoggingInTwiceLeavesOneSession) {
  log_in();
  log_in();
  EXPECT_EQ(run({"logout"}), 0);
  EXPECT_FALSE(directory_.knows(ana_));
}

TEST_F(CommandsTest, EverythingButHashAndVerifyNeedsALogin) {
  const std::vector<std::vector<std::string>> rows = {{"logout"},      {"index"}, {"get", "a.txt"},
                                                      {"search", "a"}, {"peers"}, {"status"}};
  for (auto words : rows) {
    EXPECT_EQ(run(words), 4) << words[0];
    words.emplace_back("--json");
    EXPECT_EQ(run(words), 4) << words[0];
    if (words[0] == "status") continue;
    EXPECT_EQ(document()["code"], "unauthenticated") << words[0];
  }
}

TEST_F(CommandsTest, PasswordsComeFromTheFileTheEnvironmentOrATerminal) {
  const std::string file = folder_.file("password");
  ASSERT_TRUE(write_file_atomically(file, "secret\n").ok());
  log_in();
  password_ = "wrong";
  EXPECT_EQ(run({"login", "--username", "ana", "--peer-ip", "10.0.0.1"}), 4);
  EXPECT_EQ(run({"login", "--username", "ana", "--peer-ip", "10.0.0.1", "--password-file", file}),
            0);
  ASSERT_TRUE(write_file_atomically(file, "secret\n\n").ok());
  EXPECT_EQ(run({"login", "--username", "ana", "--peer-ip", "10.0.0.1", "--password-file", file}),
            4);
  password_.reset();
  EXPECT_EQ(run({"login", "--username", "ana", "--json"}), 2);
  EXPECT_EQ(document()["code"], "invalid_argument");
}

TEST_F(CommandsTest, AThrottledLoginIsRefused) {
  directory_.fail_with(make_error(Code::kResourceExhausted, "Too many wrong passwords."));
  EXPECT_EQ(run({"login", "--username", "ana", "--peer-ip", "10.0.0.1", "--json"}), 4);
  EXPECT_EQ(document()["code"], "resource_exhausted");
}

TEST_F(CommandsTest, IndexTellsWhenTheFileIsNotServed) {
  terminal_.settings.shared_dir = folder_.path().string();
  ASSERT_TRUE(write_file_atomically(folder_.file("mine.txt"), "mine").ok());
  log_in();
  ASSERT_EQ(run({"index", "mine.txt", "--json"}), 0);
  EXPECT_NE(document()["not_served"].get<std::string>().find("does not share it"),
            std::string::npos);
  terminal_.peers.at({"10.0.0.1", 50051}).add("mine.txt", {'m', 'i', 'n', 'e'});
  ASSERT_EQ(run({"index", "mine.txt", "--json"}), 0);
  EXPECT_TRUE(document()["not_served"].is_null());
}

TEST_F(CommandsTest, AnEmptyOutputIsWrongUse) {
  log_in();
  EXPECT_EQ(run({"get", "a.txt", "--output", ""}), 2);
}

TEST_F(CommandsTest, GetFetchesAndListsTheFile) {
  log_in();
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 0) << err();
  const Json file = document()["files"][0];
  EXPECT_EQ(file, Json({{"file_name", "a.txt"},
                        {"path", folder_.file("a.txt")},
                        {"size", 1000},
                        {"content_id", content_.hex()},
                        {"result", "fetched"},
                        {"error", nullptr},
                        {"copied_from", nullptr},
                        {"sources",
                         {{{"peer", "bob (10.0.0.2:50051)"},
                           {"bytes", 1000},
                           {"banned", false},
                           {"reason", nullptr}}}},
                        {"refetched_bytes", 0},
                        {"refetched_pieces", 0}}));
  EXPECT_EQ(directory_.files_of(ana_).size(), 1U);
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 0);
  EXPECT_EQ(document()["files"][0]["result"], "already");
}

TEST_F(CommandsTest, GetSaysWhyItFailed) {
  log_in();
  EXPECT_EQ(run({"get", "b.txt", "--json"}), 3);
  EXPECT_EQ(document()["code"], "not_found");
  EXPECT_EQ(document()["files"][0]["result"], "failed");
  EXPECT_EQ(document()["error"],
            "nobody shares b.txt; look with 'peer-client search WORDS', or see with 'peer-client "
            "peers' who is there");
  EXPECT_EQ(run({"get", "a.txt", "--content-id", "12"}), 2);
  EXPECT_EQ(run({"get", "a.txt", "--content-id", std::string(64, 'a')}), 3);
  testing::FakePeer& bob = terminal_.peers.at({"10.0.0.2", 50051});
  bob.fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 6);
  EXPECT_EQ(document()["code"], "data_loss");
  EXPECT_EQ(document()["files"][0]["path"], nullptr);
  EXPECT_NE(err().find("bob (10.0.0.2:50051)"), std::string::npos) << err();
  bob.failure = Error{Code::kResourceExhausted, "is busy", std::chrono::milliseconds(1000)};
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 5);
  EXPECT_EQ(document()["code"], "unavailable");
  directory_.fail_with(make_error(Code::kUnavailable, "the directory is away"));
  EXPECT_EQ(run({"get", "a.txt"}), 5);
  EXPECT_EQ(run({"status", "--json"}), 5);
  EXPECT_EQ(document()["reachable"], false);
  EXPECT_EQ(document()["logged_in"], true);
}

TEST_F(CommandsTest, AFailedGetTellsWhatEachSourceDid) {
  log_in();
  const PeerKey carl{"carl", "10.0.0.3", 50051};
  directory_.add(carl, {"a.txt", Content{1000, content_}});
  terminal_.peers.at({"10.0.0.2", 50051}).fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 6);
  const Json file = document()["files"][0];
  std::map<std::string, Json> sources;
  for (const Json& each : file["sources"]) sources[each["peer"]] = each;
  ASSERT_EQ(sources.size(), 2U) << file;
  const Json& bob = sources["bob (10.0.0.2:50051)"];
  EXPECT_EQ(bob["banned"], true);
  EXPECT_EQ(bob["bytes"], 0);
  EXPECT_EQ(bob["reason"], "sent bytes that do not match the content id");
  EXPECT_EQ(sources["carl (10.0.0.3:50051)"]["banned"], false);
  EXPECT_EQ(sources["carl (10.0.0.3:50051)"]["reason"], "cannot be reached");
  EXPECT_EQ(file["refetched_bytes"], 1000);
  EXPECT_EQ(file["refetched_pieces"], 1);
  EXPECT_NE(err().find("Left out: bob (10.0.0.2:50051), because it sent bytes that do not match "
                       "the content id\n"),
            std::string::npos)
      << err();
}

TEST_F(CommandsTest, SeveralContentsWithNobodyToAskAreListed) {
  log_in();
  const PeerKey carl{"carl", "10.0.0.3", 50051};
  const ContentId other =
      terminal_.peers.at({"10.0.0.3", 50051}).add("a.txt", testing::some_bytes(5));
  directory_.add(carl, {"sub/a.txt", Content{5, other}});
  EXPECT_EQ(run({"get", "a.txt", "--json"}), 2);
  ASSERT_EQ(document()["choices"].size(), 2U);
  EXPECT_EQ(document()["choices"][0]["sources"], 1);
  EXPECT_EQ(run({"get", "a.txt"}), 2);
  EXPECT_NE(err().find(other.hex()), std::string::npos) << err();
  EXPECT_EQ(run({"get", "a.txt", "--content-id", other.hex(), "--json"}), 0) << err();
  EXPECT_EQ(document()["files"][0]["file_name"], "sub/a.txt");
  EXPECT_EQ(document()["files"][0]["path"], folder_.file("sub/a.txt"));
}

TEST_F(CommandsTest, AChosenContentComesFromWhoeverHasItUnderAnyName) {
  log_in();
  const auto bytes = testing::some_bytes(5);
  const ContentId other = terminal_.peers.at({"10.0.0.4", 50051}).add("b.txt", bytes);
  directory_.add({"carl", "10.0.0.3", 50051}, {"a.txt", Content{5, other}});  // nobody there
  directory_.add({"dora", "10.0.0.4", 50051}, {"b.txt", Content{5, other}});
  EXPECT_EQ(run({"get", "a.txt"}, "2\n"), 0) << err();
  EXPECT_EQ(read_file(folder_.file("a.txt")).value_or(""), std::string(bytes.begin(), bytes.end()));
}

TEST_F(CommandsTest, OutputOutsideTheFolderIsNotIndexed) {
  log_in();
  const std::string path = state_.file("copy.txt");
  EXPECT_EQ(run({"get", "a.txt", "--output", path, "--json"}), 0) << err();
  EXPECT_EQ(document()["files"][0]["path"], path);
  EXPECT_TRUE(directory_.files_of(ana_).empty());
  ASSERT_TRUE(write_file_atomically(path, "mine").ok());
  EXPECT_EQ(run({"get", "a.txt", "--output", path}), 1);
  EXPECT_EQ(*read_file(path), "mine");
}

TEST_F(CommandsTest, WhatIsHeldAlreadyIsCopiedToAnOutputElsewhere) {
  log_in();
  ASSERT_EQ(run({"get", "a.txt"}), 0) << err();
  const int fetches = terminal_.peers.at({"10.0.0.2", 50051}).fetches;
  EXPECT_EQ(run({"get", "a.txt", "--output", state_.file("b.txt"), "--json"}), 0) << err();
  EXPECT_EQ(document()["files"][0]["result"], "fetched");
  EXPECT_EQ(document()["files"][0]["copied_from"], folder_.file("a.txt"));
  EXPECT_EQ(document()["files"][0]["sources"], Json::array());
  EXPECT_EQ(terminal_.peers.at({"10.0.0.2", 50051}).fetches, fetches);
  EXPECT_EQ(err(), "Copied a.txt (1000 B, verified) from " + folder_.file("a.txt") + " to " +
                       state_.file("b.txt") + "\n");
}

TEST_F(CommandsTest, IndexOffersTheFolderOrNames) {
  log_in();
  ASSERT_TRUE(write_file_atomically(folder_.file("mine.txt"), "hello").ok());
  EXPECT_EQ(run({"index", "--json"}), 0) << err();
  EXPECT_EQ(document()["indexed"], 1);
  EXPECT_EQ(document()["files"][0]["size"], 5);
  EXPECT_EQ(run({"index", "nowhere.txt", "mine.txt", "--json"}), 0);
  EXPECT_EQ(document()["indexed"], 2);
  EXPECT_EQ(document()["files"][0]["content_id"], nullptr);
  EXPECT_EQ(run({"index", "../up"}), 2);
}

TEST_F(CommandsTest, WhatIsHiddenIsRefusedAndWhatIsRepeatedCountsOnce) {
  log_in();
  for (const char* name : {"sub/mine.txt", ".hidden", "sub/.dot/file"}) {
    const std::string path = folder_.file(name);
    ASSERT_TRUE(make_directories(std::filesystem::path(path).parent_path()).ok());
    ASSERT_TRUE(write_file_atomically(path, "hello").ok());
  }
  for (const char* name : {".hidden", "sub/.dot", "sub/.dot/file"}) {
    EXPECT_EQ(run({"index", name}), 2) << name;
    EXPECT_NE(err().find("what is hidden is not shared"), std::string::npos) << err();
  }
  EXPECT_TRUE(directory_.files_of(ana_).empty());
  EXPECT_EQ(run({"index", "sub/mine.txt", "sub", "no.txt", "no.txt"}), 0);
  EXPECT_NE(out().find("2 files offered, 2 files in all"), std::string::npos) << out();
}

TEST_F(CommandsTest, AnEmptyFolderStillAsksTheDirectory) {
  log_in();
  EXPECT_EQ(run({"index", "--json"}), 0) << err();
  EXPECT_EQ(document()["indexed"], 0);
  directory_.fail_with(make_error(Code::kUnavailable, "the directory is away"));
  EXPECT_EQ(run({"index"}), 5);
}

TEST_F(CommandsTest, SearchAndPeers) {
  log_in();
  EXPECT_EQ(run({"search", "a", "--json"}), 0);
  EXPECT_EQ(document(), Json({{"files",
                               {{{"file_name", "a.txt"},
                                 {"size", 1000},
                                 {"content_id", content_.hex()},
                                 {"sources", 1}}}},
                              {"next", nullptr}}));
  EXPECT_EQ(run({"search", "zzz", "--json"}), 3);
  EXPECT_EQ(document()["files"], Json::array());
  EXPECT_EQ(run({"peers", "--json"}), 0);
  EXPECT_EQ(document()["peers"].size(), 2U);
  EXPECT_EQ(document()["peers"][1]["peer_name"], "bob");
  EXPECT_EQ(run({"peers"}), 0);
  EXPECT_NE(out().find("bob   10.0.0.2:50051  1"), std::string::npos) << out();
}

TEST_F(CommandsTest, HashAndVerifyNeedNoLogin) {
  const std::string path = folder_.file("empty");
  ASSERT_TRUE(write_file_atomically(path, "").ok());
  EXPECT_EQ(run({"hash", path}), 0);
  EXPECT_EQ(out(), std::string(64, '0') + "  " + path + "\n");
  EXPECT_EQ(run({"verify", path, std::string(64, '0'), "--json"}), 0);
  EXPECT_EQ(document(), Json({{"match", true}}));
  EXPECT_EQ(run({"verify", path, std::string(64, '1'), "--json"}), 6);
  EXPECT_EQ(document(), Json({{"match", false}}));
  EXPECT_EQ(run({"verify", path, "xyz"}), 2);
  EXPECT_EQ(run({"hash", folder_.file("nowhere"), path, "--json"}), 3);
  EXPECT_EQ(document()["files"].size(), 1U);
  EXPECT_EQ(run({"hash", folder_.path().string()}), 74);
}

TEST_F(CommandsTest, NamesThatAreCommandsAreNamesAfterACommand) {
  log_in();
  EXPECT_EQ(run({"get", "status"}), 3);
  EXPECT_EQ(run({"search", "peers", "hash"}), 3);
}

TEST_F(CommandsTest, ADamagedSessionFileIsSaid) {
  log_in();
  ASSERT_TRUE(write_file_atomically(session_path_, "{").ok());
  EXPECT_EQ(run({"peers", "--json"}), 74);
  log_in();
  EXPECT_EQ(run({"peers"}), 0);
}

TEST_F(CommandsTest, AnEndedLoginStillLogsOut) {
  log_in();
  directory_.forget_sessions();
  EXPECT_EQ(run({"status", "--json"}), 4);
  EXPECT_EQ(document()["logged_in"], false);
  EXPECT_EQ(run({"logout"}), 0);
  EXPECT_NE(err().find("ended that login already"), std::string::npos) << err();
  EXPECT_EQ(run({"logout"}), 4);
}

TEST_F(CommandsTest, DocumentsHoldNoControlCharacter) {
  log_in();
  directory_.fail_with(make_error(Code::kInternal, "x\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xff"));
  EXPECT_EQ(run({"peers", "--json"}), 1);
  for (const char c : out()) EXPECT_TRUE((c >= ' ' && c < 0x7F) || c == '\n') << out();
}

TEST(StateFolder, FollowsTheBaseDirectoryRules) {
  EXPECT_EQ(state_folder("/x", "/home/a"), "/x/trueque");
  EXPECT_EQ(state_folder(nullptr, "/home/a"), "/home/a/.local/state/trueque");
  EXPECT_EQ(state_folder("relative", "/home/a"), "/home/a/.local/state/trueque");
  EXPECT_EQ(state_folder("", nullptr), "");
}

}  // namespace
}  // namespace trueque
