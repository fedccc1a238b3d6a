#include "peer_client/core/downloader.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using testing::FakePeer;
using testing::kMiB;
using testing::some_bytes;
using Outcome = DownloadOutcome::Result;

class DownloaderTest : public testing::DownloaderFixture {};

TEST_F(DownloaderTest, FetchesVerifiesAndNamesTheFile) {
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->result, Outcome::kFetched);
  EXPECT_EQ(outcome->path, folder_.file("a.bin"));
  EXPECT_EQ(outcome->shared_name, "a.bin");
  EXPECT_EQ(text("a.bin"), wanted());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

// Somebody else's file at the address we logged in with is not ours to ask for, nor ours.
TEST_F(DownloaderTest, SaysWhoseFileIsAnnouncedAtOurOwnAddress) {
  FileChoice own = choice({1});
  own.sources.front().peer_ip = own_.ip;
  own.sources.front().peer_port = own_.port;
  FakePeer& beside = peers_.at({own_.ip, own_.port});
  beside.add("a.bin", bytes_);
  const std::string bobs = fetch({own, std::nullopt}).error().message;
  EXPECT_NE(bobs.find("peer1's a.bin is announced at your own address 10.0.0.1:50051"),
            std::string::npos)
      << bobs;
  own.sources.front().peer_name = own_.username;
  const std::string ours = fetch({own, std::nullopt}).error().message;
  EXPECT_NE(ours.find("only you share a.bin"), std::string::npos) << ours;
  EXPECT_EQ(beside.fetches, 0);
}

TEST_F(DownloaderTest, FilesOfEverySizeArrive) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMiB, kMiB + 1}) {
    bytes_ = some_bytes(size);
    file_ = testing::describe_bytes("a.bin", bytes_);
    const std::string name = "size-" + std::to_string(size);
    honest(1).stats = 0;
    const auto outcome = fetch({choice({1}, name), std::nullopt});
    ASSERT_TRUE(outcome.ok()) << size << ": " << outcome.error().message;
    EXPECT_EQ(text(name), wanted()) << size;
    EXPECT_EQ(peer(1).stats, size > kMiB ? 1 : 0) << size;  // one piece needs no Stat
  }
}

TEST_F(DownloaderTest, TheNextSourceGoesOnAfterTheLastVerifiedPiece) {
  honest(1).fetch_lie = [](auto& bytes, auto) { ++bytes[2 * kMiB + 5]; };
  honest(2);
  ASSERT_TRUE(fetch({1, 2}).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
}

TEST_F(DownloaderTest, ASourceThatVanishesAndComesBackIsTriedAgain) {
  honest(1).stops_at = kMiB + 100;
  notes_.on_progress = [this](std::uint64_t done) {
    if (done >= kMiB) peer(1).failure = make_error(Code::kUnavailable, "cannot be reached");
    peer(1).failures_left = 6;
  };
  wait_ = [this](std::chrono::milliseconds time, Cancellation&) {
    clock_.advance(time);
    peer(1).stops_at.reset();
  };
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(peer(1).offsets, (std::vector<std::uint64_t>{0, kMiB}));
}

TEST_F(DownloaderTest, ABusySourceIsGivenTheTimeItAsksFor) {
  honest(1).failure = Error{Code::kResourceExhausted, "busy", std::chrono::milliseconds(2500)};
  peer(1).failures_left = 1;
  const auto before = clock_.steady();
  ASSERT_TRUE(fetch({1}).ok());
  EXPECT_EQ(clock_.steady() - before, std::chrono::milliseconds(2500));
}

TEST_F(DownloaderTest, AStrangerThatCannotBeReachedCostsNoTimeWhereNoneIsGiven) {
  settings_.transfer.wait = {};
  const auto before = clock_.steady();
  const auto outcome = fetch({7});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_EQ(clock_.steady(), before);
}

TEST_F(DownloaderTest, GoesOnFromWhatAnEarlierRunLeft) {
  honest(1).stops_at = 2 * kMiB + 100;
  peer(1).stops_with = make_error(Code::kNotFound, "gone");
  ASSERT_FALSE(fetch({1}).ok());
  honest(2);
  ASSERT_TRUE(fetch({2}).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
  EXPECT_EQ(notes_.notes.back(), "resuming at 66 %");
  EXPECT_EQ(text("a.bin"), wanted());
}

TEST_F(DownloaderTest, APartThatHoldsRubbishIsNotBelieved) {
  const std::string part = ".a.bin." + file_.content_id.hex().substr(0, 8) + ".part";
  ASSERT_TRUE(write_file_atomically(folder_.file(part), std::string(5 * kMiB, 'x')).ok());
  honest(1);
  ASSERT_TRUE(fetch({1}).ok());
  EXPECT_EQ(text("a.bin"), wanted());
}

TEST_F(DownloaderTest, CancellingKeepsWhatWasFetched) {
  honest(1);
  notes_.on_progress = [this](std::uint64_t done) {
    if (done >= 2 * kMiB) cancellation_.cancel();
  };
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kCancelled);
  const std::string part = ".a.bin." + file_.content_id.hex().substr(0, 8) + ".part";
  EXPECT_GE(text(part).size(), 2 * kMiB);
}

TEST_F(DownloaderTest, NeverTakesItselfAsASource) {
  FileChoice own = choice({});
  own.sources.push_back(
      {"me", "10.0.0.1", 50051, {"a.bin", Content{file_.size, file_.content_id}}, ""});
  peers_.at({"10.0.0.1", 50051}).add("a.bin", bytes_);
  const auto outcome = fetch({own, std::nullopt});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kNotFound);
  EXPECT_EQ(peers_.at({"10.0.0.1", 50051}).fetches, 0);
}

TEST_F(DownloaderTest, WhatItHoldsUnderItsListedNameIsAlready) {
  ASSERT_TRUE(write_file_atomically(folder_.file("mine.bin"), wanted()).ok());
  FileChoice both = choice({1});
  both.sources.push_back(
      {"me", "10.0.0.1", 50051, {"mine.bin", Content{file_.size, file_.content_id}}, ""});
  const auto outcome = fetch({both, std::nullopt});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->result, Outcome::kAlready);
  EXPECT_EQ(outcome->path, folder_.file("mine.bin"));
}

TEST_F(DownloaderTest, WhatTheFolderHoldsUnderAnyNameIsAlreadyAndNoFolderIsMade) {
  std::filesystem::create_directory(folder_.path() / "sub");
  ASSERT_TRUE(write_file_atomically(folder_.file("sub/mine.bin"), wanted()).ok());
  ASSERT_TRUE(
      write_file_atomically(folder_.file("same size"), std::string(bytes_.size(), 'x')).ok());
  honest(1);
  const auto outcome = fetch({choice({1}, "x/y/a.bin"), std::nullopt});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->result, Outcome::kAlready);
  EXPECT_EQ(outcome->path, folder_.file("sub/mine.bin"));
  EXPECT_EQ(outcome->shared_name, "sub/mine.bin");
  EXPECT_FALSE(std::filesystem::exists(folder_.file("x")));
  // A person who says where it is to go wants it there.
  testing::TemporaryDirectory outside;
  const auto copy = fetch({choice({1}), outside.file("a.bin")});
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(copy->result, Outcome::kFetched);
}

TEST_F(DownloaderTest, TooManyFilesOfTheSizeAreNotReadForIt) {
  for (const char* name : {"1", "2", "3", "4"})
    ASSERT_TRUE(write_file_atomically(folder_.file(name), std::string(bytes_.size(), 'x')).ok());
  ASSERT_TRUE(write_file_atomically(folder_.file("5"), wanted()).ok());
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->result, Outcome::kFetched);
}

TEST_F(DownloaderTest, AFolderIsMadeOnlyForADownload) {
  FileChoice own = choice({});
  own.sources.push_back(
      {"me", "10.0.0.1", 50051, {"x/a.bin", Content{file_.size, file_.content_id}}, ""});
  own.file_name = "x/a.bin";
  EXPECT_FALSE(fetch({own, std::nullopt}).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.file("x")));
}

TEST_F(DownloaderTest, AListedNameThatHoldsSomethingElseIsFetched) {
  ASSERT_TRUE(write_file_atomically(folder_.file("mine.bin"), "other").ok());
  honest(1);
  FileChoice both = choice({1});
  both.sources.push_back(
      {"me", "10.0.0.1", 50051, {"mine.bin", Content{file_.size, file_.content_id}}, ""});
  const auto outcome = fetch({both, std::nullopt});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->result, Outcome::kFetched);
}

TEST_F(DownloaderTest, ADifferentFileIsNeverOverwritten) {
  ASSERT_TRUE(write_file_atomically(folder_.file("a.bin"), "mine").ok());
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->shared_name, "a (2).bin");
  EXPECT_EQ(text("a.bin"), "mine");
  EXPECT_EQ(text("a (2).bin"), wanted());
  const auto again = fetch({1});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->result, Outcome::kAlready);
  EXPECT_EQ(again->path, folder_.file("a (2).bin"));
}

TEST_F(DownloaderTest, AFileThatAppearsMeanwhileIsNotOverwrittenEither) {
  honest(1);
  notes_.on_progress = [this](std::uint64_t) {
    ASSERT_TRUE(write_file_atomically(folder_.file("a.bin"), "mine").ok());
  };
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(text("a.bin"), "mine");
  EXPECT_EQ(text("a (2).bin"), wanted());
}

TEST_F(DownloaderTest, KeepsThePathAndRefusesNamesThatLeadElsewhere) {
  honest(1);
  const auto outcome = fetch({choice({1}, "photos/2024/a.bin"), std::nullopt});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->shared_name, "photos/2024/a.bin");
  EXPECT_EQ(text("photos/2024/a.bin"), wanted());
  for (const char* name : {"../a.bin", "/etc/a.bin", "a/../../b", "a\\b", "", "a//b", "x\x1b[2J",
                           ".bashrc", ".ssh/key", "photos/.hidden"}) {
    EXPECT_FALSE(fetch({choice({1}, name), std::nullopt}).ok()) << name;
  }
}

TEST_F(DownloaderTest, NeverWritesThroughASymbolicLink) {
  testing::TemporaryDirectory outside;
  std::filesystem::create_directory_symlink(outside.path(), folder_.path() / "photos");
  std::filesystem::create_symlink(outside.file("victim"), folder_.path() / "a.bin");
  honest(1);
  const auto below = fetch({choice({1}, "photos/a.bin"), std::nullopt});
  ASSERT_FALSE(below.ok());
  EXPECT_EQ(below.error().code, Code::kFailedPrecondition);
  const auto beside = fetch({1});
  ASSERT_TRUE(beside.ok()) << beside.error().message;
  EXPECT_EQ(text("a (2).bin"), wanted());
  EXPECT_TRUE(std::filesystem::is_empty(outside.path()));
}

TEST_F(DownloaderTest, ALinkInPlaceOfThePartIsNotFollowed) {
  testing::TemporaryDirectory outside;
  const std::string part = ".a.bin." + file_.content_id.hex().substr(0, 8) + ".part";
  std::filesystem::create_symlink(outside.file("victim"), folder_.path() / part);
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kAborted);
  EXPECT_EQ(outcome.error().message, folder_.file(part) +
                                         " is a symbolic link, and downloads are never written "
                                         "through one; remove it and run it again");
  EXPECT_TRUE(std::filesystem::is_empty(outside.path()));
}

TEST_F(DownloaderTest, OutputMayBeAFileOrAFolderAndIsNotShared) {
  testing::TemporaryDirectory outside;
  honest(1);
  const auto file = fetch({choice({1}, "x/a.bin"), outside.file("b.bin")});
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->path, outside.file("b.bin"));
  EXPECT_EQ(file->shared_name, std::nullopt);
  const auto folder = fetch({choice({1}, "x/a.bin"), outside.path().string()});
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->path, outside.file("a.bin"));
  ASSERT_TRUE(write_file_atomically(outside.file("c.bin"), "mine").ok());
  const auto taken = fetch({choice({1}), outside.file("c.bin")});
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Code::kAlreadyExists);
  const auto nowhere = fetch({choice({1}), outside.file("no/such/folder.bin")});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code, Code::kAborted);
  const auto inside = fetch({choice({1}), folder_.file("d.bin")});
  ASSERT_TRUE(inside.ok());
  EXPECT_EQ(inside->shared_name, "d.bin");
}

TEST_F(DownloaderTest, WhatIsHiddenWithinTheFolderIsNotShared) {
  honest(1);
  std::filesystem::create_directories(folder_.path() / ".dot" / "sub");
  for (const char* output : {".dot/sub", ".dot/sub/b.bin", ".b.bin"}) {
    const auto outcome = fetch({choice({1}), folder_.file(output)});
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_EQ(outcome->shared_name, std::nullopt) << output;
  }
  EXPECT_EQ(text(".dot/sub/a.bin"), wanted());
}

TEST_F(DownloaderTest, PlaceholdersGiveThePeersSentence) {
  FileChoice choice{"note.txt", std::nullopt, 0, {}};
  choice.sources.push_back({"bob", "10.0.0.9", std::uint16_t{1}, {"note.txt", std::nullopt}, ""});
  honest(1);
  const auto outcome = fetch({choice, std::nullopt});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->result, Outcome::kPlaceholder);
  EXPECT_EQ(outcome->message, "File note.txt downloaded properly!");
}

TEST_F(DownloaderTest, ARowWithoutAPortIsAskedAtThePeerServerBesideUs) {
  FileChoice choice{"note.txt", std::nullopt, 0, {}};
  choice.sources.push_back({"bob", "203.0.113.1", std::nullopt, {"note.txt", std::nullopt}, ""});
  peers_.at(settings_.beside).message = "from beside";
  const auto outcome = fetch({choice, std::nullopt});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->message, "from beside");
}

TEST_F(DownloaderTest, AnOldPeerIsAskedItsWayWhenNobodySendsTheBytes) {
  honest(1).without_file_transfer = true;
  const auto alone = fetch({1});
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->result, Outcome::kPlaceholder);
  EXPECT_EQ(alone->message, "File a.bin downloaded properly!");
  honest(2);
  const auto both = fetch({1, 2});
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->result, Outcome::kFetched);
}

TEST_F(DownloaderTest, ASecondClientDoesNotWriteTheSamePart) {
  honest(1);
  const auto folder = TargetFolder::open(settings_.shared_dir, "", false);
  ASSERT_TRUE(folder.ok());
  const auto held = folder->open_part("a.bin", file_.content_id);
  ASSERT_TRUE(held.ok());
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kFailedPrecondition);
}

TEST(NumberedName, StaysWithinAComponentAndKeepsTheExtension) {
  EXPECT_EQ(numbered_name("a.txt", 1), "a.txt");
  EXPECT_EQ(numbered_name("a.txt", 2), "a (2).txt");
  EXPECT_EQ(numbered_name("Makefile", 3), "Makefile (3)");
  EXPECT_EQ(numbered_name(".txt", 2), ".txt (2)");
  const std::string longest(255, 'x');
  EXPECT_EQ(numbered_name(longest, 2).size(), 255U);
}

}  // namespace
}  // namespace trueque
