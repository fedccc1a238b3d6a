// get with many files, over whole command lines in this process.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/files.h"
#include "common/content/part_name.h"
#include "peer_client/cli/command_line.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_terminal.h"

namespace trueque {
namespace {

using Json = nlohmann::json;

// A directory of before there was a request for many files.
class OlderDirectory final : public testing::FakeDirectoryClient {
 public:
  Result<FoundPage> find_files(const std::string& token, const FileQuery& query) override {
    ++asked;
    if (older) return make_error(Code::kUnimplemented, "no such request");
    return FakeDirectoryClient::find_files(token, query);
  }
  bool older = false;
  int asked = 0;
};

class GetMany : public ::testing::Test {
 protected:
  explicit GetMany(std::uint64_t rate = 0) : terminal_(directory_, rate) {
    terminal_.settings.shared_dir = folder_.path().string();
    Session session(directory_);
    login_ = session.log_in({"me", "secret"}, "10.0.0.1", 50051).value();
  }

  // A file of a person's, with bytes of its own.
  ContentId share(const PeerKey& peer, const std::string& name, std::uint32_t seed,
                  std::size_t size = 100) {
    const auto bytes = testing::some_bytes(size, seed);
    const ContentId id = terminal_.peers.at({peer.ip, peer.port}).add(name, bytes);
    // The peer-server beside shares what was fetched.
    terminal_.peers.at({"10.0.0.1", 50051}).add(name, bytes);
    directory_.add(peer, {name, Content{size, id}});
    return id;
  }
  int run(std::vector<std::string> words, const std::string& typed = "", bool may_ask = false) {
    terminal_.out.str("");
    terminal_.err.str("");
    CLI::App app;
    CommandLine line(app);
    words.insert(words.begin(), "get");
    std::reverse(words.begin(), words.end());
    app.parse(words);
    SessionFile file(state_.file("trueque"), terminal_.settings.directory);
    EXPECT_TRUE(file.save(login_).ok());
    Commands commands(terminal_.parts(typed), std::move(file), std::nullopt);
    return line.run(commands, terminal_.console, may_ask);
  }
  Json document() { return Json::parse(terminal_.out.str(), nullptr, false); }
  std::map<std::string, std::string> results() {
    std::map<std::string, std::string> results;
    const Json shown = document();
    for (const Json& file : shown["files"]) results[file["file_name"]] = file["result"];
    return results;
  }
  bool here(const std::string& name) const {
    return std::filesystem::exists(folder_.path() / name);
  }
  std::string out() const { return terminal_.out.str(); }
  std::string err() const { return terminal_.err.str(); }

  OlderDirectory directory_;
  testing::FakeTerminal terminal_;
  testing::TemporaryDirectory folder_;
  testing::TemporaryDirectory state_;
  Login login_;
  const PeerKey ana_{"ana", "10.0.0.2", 50051};
  const PeerKey bob_{"bob", "10.0.0.3", 50051};
};

using Results = std::map<std::string, std::string>;

TEST_F(GetMany, FoldersPatternsAndNamesAreMixedAndEachFileComesOnce) {
  share(ana_, "photos/1.jpg", 1);
  share(ana_, "photos/2024/2.jpg", 2);
  share(ana_, "photosynthesis.txt", 3);
  share(bob_, "a.txt", 4);
  share(bob_, "b.pdf", 5);
  EXPECT_EQ(run({"photos/", "*.jpg", "b.pdf", "--json"}), 0) << err();
  EXPECT_EQ(results(), (Results{{"photos/1.jpg", "fetched"},
                                {"photos/2024/2.jpg", "fetched"},
                                {"b.pdf", "fetched"}}));
  EXPECT_EQ(document()["files"].size(), 3U);
  EXPECT_EQ(document()["summary"]["fetched"], 3);
  EXPECT_EQ(document()["summary"]["bytes"], 300);
  EXPECT_TRUE(here("photos/2024/2.jpg"));
  EXPECT_EQ(directory_.files_of(login_.peer).size(), 3U) << "indexed again";
}

TEST_F(GetMany, ManySmallFilesAreOneQuestionToTheDirectoryAndNoStat) {
  for (std::uint32_t i = 0; i < 300; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  EXPECT_EQ(run({"--from", "ana", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 300);
  EXPECT_EQ(directory_.asked, 1);
  const testing::FakePeer& ana = terminal_.peers.at({ana_.ip, ana_.port});
  EXPECT_EQ(ana.stats, 0);
  EXPECT_EQ(ana.fetches, 300);
  EXPECT_EQ(directory_.files_of(login_.peer).size(), 300U);
  std::size_t hidden = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    hidden += entry.path().filename().string().starts_with('.') ? 1 : 0;
  EXPECT_EQ(hidden, 0U) << "no part is left";
  EXPECT_EQ(run({"--from", "ana"}), 0);
  EXPECT_NE(out().find("Fetched 0 files; 300 already here.\n"), std::string::npos) << out();
}

class GetManyUnderALimit : public GetMany {
 protected:
  GetManyUnderALimit() : GetMany(50'000) {}
};

TEST_F(GetManyUnderALimit, SmallFilesGoTheSameWayAndKeepToIt) {
  for (std::uint32_t i = 0; i < 60; ++i) share(ana_, "f" + std::to_string(i), i + 1, 5000);
  const Clock::Steady begun = terminal_.clock.steady();
  EXPECT_EQ(run({"--from", "ana", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 60);
  EXPECT_EQ(terminal_.peers.at({ana_.ip, ana_.port}).stats, 0);
  const double took = std::chrono::duration<double>(terminal_.clock.steady() - begun).count();
  const double least = (60 * 5000 - 50'000 / 4) / 50'000.0;  // but for the first portion
  EXPECT_GE(took, least - 0.4) << "the last portion is not waited for";
  EXPECT_LE(took, least + 0.1);
}

TEST_F(GetMany, WhoLiedOfASmallFileIsNotAskedForItAgain) {
  for (std::uint32_t i = 0; i < 5; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  int lies = 1;
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [&](auto& bytes, auto) {
    if (lies-- > 0) ++bytes.back();
  };
  EXPECT_NE(run({"--from", "ana", "--json"}), 0);
  const Json shown = document();
  EXPECT_EQ(shown["summary"]["fetched"], 4) << out();
  EXPECT_EQ(shown["summary"]["failed"], 1);
  for (const Json& file : shown["files"]) {
    if (file["result"] != "failed") continue;
    EXPECT_EQ(file["sources"][0]["banned"], true);
    EXPECT_EQ(file["sources"][0]["bytes"], 0);
    EXPECT_NE(file["error"].dump().find("no source gave the right file"), std::string::npos)
        << file;
  }
}

TEST_F(GetMany, OfEqualSizesTooWhatIsHeldIsCopiedToAnotherFolder) {
  for (std::uint32_t i = 0; i < 9; ++i) share(ana_, "d/f" + std::to_string(i), i + 1);
  ASSERT_EQ(run({"d/"}), 0) << err();
  terminal_.peers.at({ana_.ip, ana_.port}).failure = make_error(Code::kUnavailable, "away");
  testing::TemporaryDirectory elsewhere;
  EXPECT_EQ(run({"d/", "--output", elsewhere.path().string(), "--json"}), 0) << err();
  const Json shown = document();
  ASSERT_EQ(shown["files"].size(), 9U);
  for (const Json& file : shown["files"]) EXPECT_FALSE(file["copied_from"].is_null()) << file;
}

TEST_F(GetMany, AFileWhosePartAnotherTookIsFetchedOnceMore) {
  const ContentId first = share(ana_, "f0", 1);
  for (std::uint32_t i = 1; i < 5; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  int fetches = 0;
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [&](auto&, auto) {
    if (++fetches != 5) return;
    std::filesystem::remove(folder_.path() / part_name("f0", first));
  };
  EXPECT_EQ(run({"--from", "ana", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 5);
  EXPECT_EQ(fetches, 6);
}

TEST_F(GetMany, FromKeepsToOnePersonButFetchesFromEverySource) {
  share(ana_, "a.txt", 1);
  share(bob_, "b.txt", 2);
  share(bob_, "other-name.txt", 1);
  terminal_.peers.at({ana_.ip, ana_.port}).failure = make_error(Code::kUnavailable, "away");
  EXPECT_EQ(run({"*.txt", "--from", "ana", "--json"}), 0) << err();
  EXPECT_EQ(results(), (Results{{"a.txt", "fetched"}}));
}

TEST_F(GetMany, FromKeepsASingleNameToOnePersonToo) {
  share(ana_, "a.txt", 1);
  const ContentId bobs = share(bob_, "a.txt", 2);
  EXPECT_EQ(run({"a.txt", "--from", "bob", "--json"}), 0) << err();
  EXPECT_EQ(document()["files"][0]["content_id"], bobs.hex());
  EXPECT_EQ(run({"a.txt", "--from", "carl"}), 3);
}

TEST_F(GetMany, OneThatFailsStopsNoOtherAndIsNamed) {
  for (std::uint32_t i = 0; i < 9; ++i) share(ana_, "d/f" + std::to_string(i), i + 1);
  const ContentId gone = testing::describe_bytes("x", testing::some_bytes(7)).content_id;
  directory_.add(ana_, {"d/gone", Content{7, gone}});
  EXPECT_EQ(run({"d/", "--json"}), 3);
  EXPECT_EQ(document()["summary"]["fetched"], 9);
  EXPECT_EQ(document()["summary"]["failed"], 1);
  EXPECT_EQ(document()["code"], "not_found");
  EXPECT_EQ(results()["d/gone"], "failed");
  EXPECT_NE(err().find("; 1 failed:\n  d/gone: no peer has the file any more"), std::string::npos)
      << err();
}

TEST_F(GetMany, APeerThatWentIsNotWaitedForFileByFile) {
  for (std::uint32_t i = 0; i < 100; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  share(bob_, "b", 1000);
  terminal_.peers.at({ana_.ip, ana_.port}).failure = make_error(Code::kUnavailable, "refused");
  const Clock::Steady before = terminal_.clock.steady();
  EXPECT_EQ(run({"f*", "b", "--jobs", "1", "--json"}), 5);
  EXPECT_EQ(document()["summary"]["failed"], 100);
  EXPECT_EQ(document()["summary"]["fetched"], 1);
  // One wait of 60 s for it, not one for each of its files.
  EXPECT_LT(terminal_.clock.steady() - before, std::chrono::seconds(65));
  EXPECT_NE(err().find("... and 80 more"), std::string::npos) << err();
}

TEST_F(GetMany, WhatAPeerThatFailsLeavesComesFromTheOthersWithoutAStat) {
  for (std::uint32_t i = 0; i < 200; ++i) {
    share(ana_, "f" + std::to_string(i), i + 1);
    share(bob_, "f" + std::to_string(i), i + 1);
  }
  testing::FakePeer& ana = terminal_.peers.at({ana_.ip, ana_.port});
  ana.failure = make_error(Code::kDeadlineExceeded, "sends nothing");
  const testing::FakePeer& bob = terminal_.peers.at({bob_.ip, bob_.port});
  EXPECT_EQ(run({"f*", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 200);
  EXPECT_EQ(bob.stats, 0);
  EXPECT_EQ(bob.fetches, 200);
}

TEST_F(GetMany, ABusyPeerIsWaitedForByEachFileAsItAsks) {
  for (std::uint32_t i = 0; i < 3; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  testing::FakePeer& ana = terminal_.peers.at({ana_.ip, ana_.port});
  ana.failure = Error{Code::kResourceExhausted, "is busy", std::chrono::milliseconds(3000)};
  ana.failures_left = 1000;
  const Clock::Steady before = terminal_.clock.steady();
  terminal_.wait = [&](std::chrono::milliseconds time, Cancellation&) {
    terminal_.clock.advance(time);
    if (terminal_.clock.steady() - before > std::chrono::seconds(90)) ana.failure.reset();
  };
  EXPECT_EQ(run({"f*", "--jobs", "1", "--json"}), 5);
  EXPECT_EQ(results(), (Results{{"f0", "failed"}, {"f1", "fetched"}, {"f2", "fetched"}}));
  EXPECT_LE(1000 - ana.failures_left, 35) << "no sooner than it said";
}

TEST_F(GetMany, ALiarsFilesComeFromTheOthersAndTheLiarIsNamed) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    share(ana_, "f" + std::to_string(i), i + 1);
    share(bob_, "f" + std::to_string(i), i + 1);
  }
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"f*", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 8);
  EXPECT_NE(err().find("Left out: ana (10.0.0.2:50051), because it sent bytes that do not match "
                       "the content id\n"),
            std::string::npos)
      << err();
}

TEST_F(GetMany, ALieOfAQuickFetchIsInTheReportOfTheFileThatAnotherGave) {
  for (std::uint32_t i = 0; i < 4; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  for (std::uint32_t i = 0; i < 4; ++i) share(bob_, "g" + std::to_string(i), i + 1);
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"f*", "--json"}), 0) << err();
  const Json shown = document();
  const Json& file = shown["files"][0];
  EXPECT_EQ(file["result"], "fetched");
  EXPECT_EQ(file["sources"][0]["peer"], "ana (10.0.0.2:50051)");
  EXPECT_EQ(file["sources"][0]["banned"], true);
  EXPECT_EQ(file["sources"].back()["bytes"], 100);
  EXPECT_GE(file["refetched_bytes"], 100);
}

TEST_F(GetMany, AFailedFilesSourcesAreInTheReport) {
  for (std::uint32_t i = 0; i < 5; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"f*", "--json"}), 6);
  const Json shown = document();
  for (const Json& file : shown["files"]) {
    EXPECT_EQ(file["result"], "failed");
    ASSERT_EQ(file["sources"].size(), 1U) << file;
    EXPECT_EQ(file["sources"][0]["banned"], true);
    EXPECT_EQ(file["sources"][0]["reason"], "sent bytes that do not match the content id");
    EXPECT_GE(file["refetched_pieces"], 1);
  }
  const std::string told = err();
  const std::string ban = "Left out: ana (10.0.0.2:50051), because it";
  ASSERT_NE(told.find(ban), std::string::npos) << told;
  EXPECT_EQ(told.find(ban, told.find(ban) + 1), std::string::npos) << "each liar once";
}

TEST_F(GetMany, FailuresOfSeveralKindsAreOne) {
  share(ana_, "liar.txt", 1);
  terminal_.peers.at({ana_.ip, ana_.port}).fetch_lie = [](auto& bytes, auto) { ++bytes[0]; };
  EXPECT_EQ(run({"liar.txt", "liar.*"}), 6);
  EXPECT_EQ(run({"liar.txt", "nothing.txt"}), 1);
  EXPECT_EQ(run({"nothing.txt", "none/"}), 3);
  EXPECT_EQ(run({"*.none", "--json"}), 3);
  EXPECT_EQ(document()["files"][0]["error"], "nobody shares a file like *.none");
}

TEST_F(GetMany, SeveralContentsOfOneNameAreAllFetchedFromAFolder) {
  share(ana_, "d/a.txt", 1);
  share(bob_, "d/a.txt", 2);
  share(ana_, "d/b.txt", 3);
  share(ana_, "d/c.txt", 4);
  EXPECT_EQ(run({"d/", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 4);
  EXPECT_TRUE(here("d/a.txt") && here("d/a (2).txt"));
}

TEST_F(GetMany, SeveralContentsOfAnExactNameAreAQuestion) {
  share(ana_, "a.txt", 1);
  const ContentId bobs = share(bob_, "a.txt", 2);
  share(bob_, "b.txt", 3);
  EXPECT_EQ(run({"a.txt", "b.txt", "--json"}), 2);
  EXPECT_EQ(results(), (Results{{"a.txt", "failed"}, {"b.txt", "fetched"}}));
  EXPECT_EQ(run({"a.txt", "b.txt"}, "2\n", true), 0) << err();
  EXPECT_TRUE(here("a.txt")) << bobs.hex();
}

TEST_F(GetMany, OneContentUnderTwoNamesIsFetchedOnce) {
  for (const char* name : {"d/1", "d/2", "d/3", "d/4", "d/5"}) share(ana_, name, 7);
  EXPECT_EQ(run({"d/", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 1);
  EXPECT_EQ(document()["summary"]["already"], 4);
  EXPECT_EQ(terminal_.peers.at({ana_.ip, ana_.port}).fetches, 1);
}

TEST_F(GetMany, AnOutputFolderKeepsPathsAndMustExist) {
  share(ana_, "d/1.txt", 1);
  share(ana_, "d/e/2.txt", 1);
  const std::string output = state_.file("out");
  EXPECT_EQ(run({"d/", "--output", output}), 2);
  EXPECT_NE(err().find("--output must be an existing folder"), std::string::npos) << err();
  ASSERT_TRUE(make_directories(output).ok());
  EXPECT_EQ(run({"d/", "--output", output, "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 2) << "copies are wanted there";
  EXPECT_TRUE(std::filesystem::exists(output + "/d/e/2.txt"));
  EXPECT_FALSE(here("d"));
}

TEST_F(GetMany, NamesComeFromStandardInput) {
  share(ana_, "a.txt", 1);
  share(ana_, "b.txt", 2);
  EXPECT_EQ(run({"-", "--json"}, "a.txt\n\nb.txt\n"), 0) << err();
  EXPECT_EQ(results(), (Results{{"a.txt", "fetched"}, {"b.txt", "fetched"}}));
  EXPECT_EQ(run({"-"}, ""), 2);
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"a.txt", "b.txt", "--content-id", std::string(64, 'a')}), 2);
}

TEST_F(GetMany, WhatIsReallyCalledLikeAPatternIsMeant) {
  share(ana_, "a[1].txt", 1);
  share(ana_, "a1.txt", 2);
  EXPECT_EQ(run({"a[1].txt", "--json"}), 0) << err();
  EXPECT_EQ(results(), (Results{{"a[1].txt", "fetched"}}));
}

TEST_F(GetMany, APlaceholderIsASentenceAndListed) {
  share(ana_, "d/a.txt", 1);
  directory_.add(ana_, {"d/dummy", std::nullopt});
  directory_.add(bob_, {"d/a.txt", std::nullopt});
  EXPECT_EQ(run({"d/", "--json"}), 0) << err();
  EXPECT_EQ(results(), (Results{{"d/a.txt", "fetched"}, {"d/dummy", "placeholder"}}));
  EXPECT_NE(err().find("File d/dummy downloaded properly!"), std::string::npos) << err();
  EXPECT_EQ(directory_.files_of(login_.peer).size(), 2U);
}

TEST_F(GetMany, AnOlderDirectoryKnowsExactNamesAlone) {
  share(ana_, "a.txt", 1);
  share(ana_, "b.txt", 2);
  directory_.older = true;
  EXPECT_EQ(run({"a.txt", "b.txt", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 2);
  EXPECT_EQ(run({"*.txt", "--json"}), 1);
  EXPECT_EQ(document()["code"], "unimplemented");
  EXPECT_EQ(run({"--from", "ana"}), 1);
}

TEST_F(GetMany, WithoutAPeerServerBesideOneSentenceSaysSo) {
  for (std::uint32_t i = 0; i < 6; ++i) share(ana_, "f" + std::to_string(i), i + 1);
  terminal_.peers.at({"10.0.0.1", 50051}).failure = make_error(Code::kUnavailable, "refused");
  EXPECT_EQ(run({"f*"}), 0) << err();
  EXPECT_NE(out().find("6 files are not indexed, because the peer-server beside you"),
            std::string::npos)
      << out();
  const std::string shown = out();
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 2) << shown;
}

}  // namespace
}  // namespace trueque
