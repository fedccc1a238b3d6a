// What only the repository on disk can get wrong: the files' form, failed writes, and when
// the journal is cut. What crashes leave: see repository_crash_test.cpp.
#include "server/storage/json_directory_repository.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/json_repository_fixture.h"

namespace trueque {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::content_id;
using testing::placeholder;
using testing::real_file;
using Peers = std::vector<PeerKey>;
using Names = std::vector<std::string>;

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};
constexpr seconds kLease{45};

class JsonDirectoryRepositoryTest : public testing::JsonRepositoryFixture {};

TEST_F(JsonDirectoryRepositoryTest, TheFileHasTheFormOfTheContract) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  const std::vector<SharedFile> files = {real_file("a \"b\".txt", 5, 0xAB), placeholder("ñ")};
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  const json expected_files =
      json::array({{{"name", "a \"b\".txt"}, {"size", 5}, {"content_id", content_id(0xAB).hex()}},
                   {{"name", "ñ"}}});
  json written = state();
  EXPECT_EQ(written["version"], 1);
  ASSERT_EQ(written["peers"].size(), 1U);
  json files_written = written["peers"][0]["files"];
  std::sort(files_written.begin(), files_written.end());
  json files_expected = expected_files;
  std::sort(files_expected.begin(), files_expected.end());
  EXPECT_EQ(files_written, files_expected);
  written["peers"][0].erase("files");
  EXPECT_EQ(written["peers"][0],
            json({{"username", "ana"}, {"peer_ip", "10.0.0.1"}, {"peer_port", 50051}}));
  EXPECT_EQ(written.size(), 2U) << "nothing else, and no token above all";
  struct stat status {};
  ASSERT_EQ(::stat(sessions_path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(JsonDirectoryRepositoryTest, TheFolderIsMadeWhenMissing) {
  path_ = folder_.file("var/lib/state.json");
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_->close();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(repository_->paths().accounts, folder_.file("var/lib/state.accounts.json"));
}

TEST_F(JsonDirectoryRepositoryTest, WhatChangesNothingIsNotWritten) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_EQ(files_.take_frames(), 1);
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(files_.take_frames(), 1);
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(files_.take_frames(), 0) << "a heartbeat";
  const std::vector<SharedFile> files = {placeholder("a")};
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  EXPECT_EQ(files_.take_frames(), 1);
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  ASSERT_TRUE(repository_->replace_files(kAna, files).ok());
  EXPECT_EQ(files_.take_frames(), 0);
  ASSERT_TRUE(repository_->close_session(testing::token_hash(1)).ok());
  EXPECT_EQ(files_.take_frames(), 1);
}

TEST_F(JsonDirectoryRepositoryTest, OneWriteServesAllThatWaitAndReadsGoOn) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  files_.take_frames();
  files_.hold();
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  const auto log_in_number = [&](int i) {
    threads.emplace_back([this, &done, i] {
      EXPECT_TRUE(log_in({"peer" + std::to_string(i), "h", 1}, static_cast<std::uint8_t>(i)).ok());
      ++done;
    });
  };
  log_in_number(10);
  files_.wait_for_frames(1);
  for (int i = 11; i < 30; ++i) log_in_number(i);
  wait_for_peers(21);
  EXPECT_TRUE(*repository_->find_session(testing::token_hash(1)));
  EXPECT_TRUE(repository_->find_by_name("a", 50)->empty());
  EXPECT_EQ(done, 0) << "nobody is told before the disk has it";
  files_.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files_.take_frames(), 2) << "one sync for nineteen logins";
  EXPECT_EQ(state()["peers"].size(), 21U);
}

TEST_F(JsonDirectoryRepositoryTest, AFailedWriteTakesEverythingWaitingBack) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  const std::vector<SharedFile> before = {real_file("a", 1, 1), placeholder("b")};
  ASSERT_TRUE(repository_->add_files(kAna, before).ok());
  files_.take_frames();
  files_.hold();
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  const auto refuse = [&](auto verb) {
    threads.emplace_back([&refused, folder = folder_.file(""), verb] {
      const auto result = verb();
      EXPECT_EQ(result.ok(), false);
      if (result.ok()) return;
      EXPECT_EQ(result.error().code, Code::kUnavailable);
      EXPECT_TRUE(result.error().retry_after);
      EXPECT_NE(result.error().message.find("No space left"), std::string::npos);
      EXPECT_EQ(result.error().message.find(folder), std::string::npos) << "nobody's business";
      ++refused;
    });
  };
  refuse([this] { return log_in(kBob, 2); });
  files_.wait_for_frames(1);
  // Queued behind the write that fails, each resting on the one before.
  const std::vector<SharedFile> after = {real_file("a", 2, 2), placeholder("c")};
  refuse([this, after] { return repository_->replace_files(kAna, after); });
  while (repository_->find_by_name("c", 50)->empty()) std::this_thread::yield();
  refuse([this] { return repository_->close_session(testing::token_hash(1)); });
  wait_for_peers(1);
  refuse([this] { return log_in(kAna, 3); });
  wait_for_peers(2);
  files_.fail(true);
  files_.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(peer_keys(), Peers{kAna});
  EXPECT_EQ((*repository_->find_by_name("a", 50))[0].file, before[0]);
  EXPECT_EQ((*repository_->find_by_name("b", 50))[0].file, before[1]);
  EXPECT_TRUE(repository_->find_by_name("c", 50)->empty());
  EXPECT_TRUE(*repository_->find_session(testing::token_hash(1)));
  EXPECT_FALSE(*repository_->find_session(testing::token_hash(2)));
  EXPECT_FALSE(*repository_->find_session(testing::token_hash(3)));
  EXPECT_EQ(repository_->counts()->files, 2U);

  files_.fail(false);
  ASSERT_TRUE(log_in(kBob, 4).ok()) << "the next change tries again";
  kill_and_open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, kBob}));
  EXPECT_EQ((*repository_->find_by_name("a", 50))[0].file, before[0]);
}

TEST_F(JsonDirectoryRepositoryTest, ASearchAfterAnotherKeepsNoWriterOut) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  std::vector<SharedFile> files;
  for (int i = 0; i < 500; ++i) files.push_back(placeholder("file " + std::to_string(i)));
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  std::atomic<bool> stop = false;
  std::vector<std::thread> searchers;
  for (int i = 0; i < 4; ++i) {
    searchers.emplace_back([&] {
      while (!stop) EXPECT_EQ(repository_->search({"file", 5, std::nullopt})->size(), 6U);
    });
  }
  for (std::uint8_t i = 2; i < 12; ++i) EXPECT_TRUE(log_in(kBob, i).ok());
  stop = true;
  for (std::thread& searcher : searchers) searcher.join();
}

TEST_F(JsonDirectoryRepositoryTest, PeersWithoutASessionAreKept) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_.reset();
  std::filesystem::remove(sessions_path_);
  open();
  EXPECT_EQ(peer_keys(), Peers{kAna});
  ASSERT_TRUE(repository_->close_latest_session(kAna).ok());
  EXPECT_EQ(peer_keys(), Peers{});
}

TEST_F(JsonDirectoryRepositoryTest, AfterClosingNothingChangesAnyMore) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_->close();
  repository_->close();
  EXPECT_EQ(log_in(kBob, 2).error().code, Code::kUnavailable);
  EXPECT_EQ(peer_keys(), Peers{kAna});
}

TEST_F(JsonDirectoryRepositoryTest, ASecondServerIsToldWhoHasTheFile) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(exit_code_for_storage(second.error().code), ExitCode::kFailed);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos)
      << second.error().message;
  ASSERT_TRUE(log_in(kAna, 1).ok());
  open();
  std::filesystem::create_symlink(path_, folder_.file("link.json"));
  path_ = folder_.file("link.json");
  EXPECT_EQ(try_open().error().code, Code::kFailedPrecondition) << "by another name too";
}

TEST_F(JsonDirectoryRepositoryTest, ALinkedFileIsWrittenWhereItIs) {
  const std::string real = folder_.file("real.json");
  put(real, "{\"version\": 1, \"peers\": []}");
  std::filesystem::create_symlink(real, path_);
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_->close();
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_NE(read_file(real).value_or("").find("ana"), std::string::npos);
}

class SnapshotTest : public testing::JsonRepositoryFixture {
 protected:
  std::vector<std::string> segments() {
    return files_.list(folder_.file("logged_peers.journal.")).value_or({});
  }
  // Until the snapshot that is due has been tried; the clock stands still meanwhile.
  void pass(std::chrono::milliseconds time) {
    const int before = snapshots_.tried();
    clock_.advance(time);
    repository_->look_at_clock();
    snapshots_.wait_for(before + 1);
  }
};

TEST_F(SnapshotTest, ASmallStateIsReadableJsonASecondLater) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_FALSE(std::filesystem::exists(path_)) << "it was not waited for";
  pass(seconds(1));
  EXPECT_EQ(state_now()["peers"].size(), 1U);
  ASSERT_TRUE(log_in(kBob, 2).ok());
  pass(seconds(1));
  EXPECT_EQ(state_now()["peers"].size(), 2U);
  EXPECT_EQ(segments().size(), 1U) << "what a snapshot has is not kept twice";
}

TEST_F(SnapshotTest, ACleanStopLeavesNoJournal) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_EQ(segments().size(), 1U);
  repository_.reset();
  EXPECT_EQ(segments(), Names{});
  open();
  repository_.reset();
  EXPECT_EQ(segments(), Names{}) << "and one that changed nothing makes none";
}

TEST_F(SnapshotTest, ADiskWithoutRoomForASnapshotLosesNothing) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  std::filesystem::create_directory(path_ + ".tmp");
  pass(seconds(1));
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(log_in(kBob, 2).ok());
  kill_and_open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, kBob}));
  std::filesystem::remove(path_ + ".tmp");
  pass(seconds(1));
  EXPECT_EQ(state_now()["peers"].size(), 2U);
}

TEST_F(SnapshotTest, AnOlderStateThanTheJournalNeedsIsNotTakenForTheWhole) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  pass(seconds(1));
  kill_and_open();
  files_.fail(true);
  repository_.reset();
  files_.fail(false);
  for (const std::string& segment : segments()) std::filesystem::remove(segment);
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kDataLoss);
  EXPECT_NE(opened.error().message.find("it is missing"), std::string::npos)
      << opened.error().message;
}

}  // namespace
}  // namespace trueque
