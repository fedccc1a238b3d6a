#include "peer_server/core/hash_workers.h"

#include <gtest/gtest.h>

#include <ctime>
#include <semaphore>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using testing::FolderOnDisk;
using testing::id_of;
using testing::kPatience;
using testing::patterned;

class HashWorkersTest : public ::testing::Test {
 protected:
  void start(unsigned threads) {
    root_.emplace(*FolderRoot::open(disk_.path()));
    workers_.emplace(*root_, pace_, threads, [this] { woken_.release(); });
  }
  HashJob job(const std::string& name, std::vector<Sha256> known = {}) const {
    return {name, *root_->stamp(name), std::move(known)};
  }
  std::vector<HashOutcome> wait_for_results(std::size_t count) {
    std::vector<HashOutcome> all;
    while (all.size() < count && woken_.try_acquire_for(kPatience)) {
      for (HashOutcome& outcome : workers_->take_results()) all.push_back(std::move(outcome));
    }
    return all;
  }

  FolderOnDisk disk_;
  std::counting_semaphore<> woken_{0};
  std::optional<FolderRoot> root_;
  testing::ManualClock clock_;  // stands still: what is served is served for ever
  HashPace pace_{clock_};
  std::optional<HashWorkers> workers_;
};

TEST_F(HashWorkersTest, HashLargeAndSmallFilesAlike) {
  const std::map<std::string, std::string> files = {
      {"empty", ""},
      {"small", "small"},
      {"large", patterned(7 * kMinPieceSize + 5)},
      {"sub/other", patterned(3 * kMinPieceSize, 2)},
  };
  for (const auto& [name, bytes] : files) disk_.write(name, bytes);
  start(3);
  for (const auto& [name, bytes] : files) workers_->add(job(name));
  const std::vector<HashOutcome> results = wait_for_results(files.size());
  ASSERT_EQ(results.size(), files.size());
  for (const HashOutcome& result : results) {
    EXPECT_TRUE(result.status.ok());
    EXPECT_EQ(result.id, id_of(files.at(result.job.name))) << result.job.name;
    EXPECT_EQ(result.pieces.size(), PieceLayout(result.job.stamp.size).piece_count());
  }
  EXPECT_TRUE(workers_->take_progress().empty());
}

TEST_F(HashWorkersTest, TellWhichFilesCannotBeHashed) {
  disk_.write("changed", "before");
  disk_.write("gone", "gone");
  start(2);
  workers_->add({"changed", {6, 1, 1}, {}});
  HashJob gone = job("gone");
  std::filesystem::remove(disk_.path("gone"));
  workers_->add(std::move(gone));
  std::map<std::string, Code> codes;
  for (const HashOutcome& result : wait_for_results(2))
    codes[result.job.name] = result.status.error().code;
  EXPECT_EQ(codes, (std::map<std::string, Code>{{"changed", Code::kFailedPrecondition},
                                                {"gone", Code::kNotFound}}));
}

TEST_F(HashWorkersTest, ALargeFileKeepsNoSmallerOneWaiting) {
  disk_.write_sparse("huge", 64UL << 30);
  disk_.write("large", patterned(4 * kMinPieceSize));
  disk_.write("small", "small");
  start(1);
  workers_->add(job("huge"));
  while (workers_->bytes_hashed() == 0) std::this_thread::yield();
  workers_->add(job("large"));
  workers_->add(job("small"));
  const std::vector<HashOutcome> results = wait_for_results(2);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_LT(workers_->bytes_hashed(), 64UL << 30);
  for (const HashOutcome& result : results) EXPECT_TRUE(result.status.ok());
}

TEST_F(HashWorkersTest, YieldToServingButGoOn) {
  pace_.note_served(1UL << 30);
  disk_.write_sparse("large", 32UL << 20);
  start(1);
  const auto began = std::chrono::steady_clock::now();
  const std::clock_t worked_before = std::clock();
  workers_->add(job("large"));
  ASSERT_EQ(wait_for_results(1).size(), 1U);
  const auto took = std::chrono::steady_clock::now() - began;
  const auto worked = std::chrono::duration<double>(
      static_cast<double>(std::clock() - worked_before) / CLOCKS_PER_SEC);
  EXPECT_GT(took, 5 * worked);
}

TEST_F(HashWorkersTest, GoOnWhereALargeFileWasStopped) {
  // More than the machine hashes before it is stopped.
  const std::uint64_t size = 16UL << 30;
  disk_.write_sparse("huge", size);
  start(2);
  workers_->add(job("huge"));
  std::vector<HashProgress> told;
  while (told.empty() && woken_.try_acquire_for(kPatience)) told = workers_->take_progress();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().name, "huge");
  EXPECT_GE(told.front().pieces.size() * PieceLayout(size).piece_size(), size / 64);
  workers_->stop();
  told = workers_->take_progress();
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(workers_->take_results().empty());
  // A wrong hash among the known ones shows that they are not made anew.
  std::vector<Sha256> known = told.back().pieces;
  for (const Sha256& piece : known) EXPECT_EQ(piece, known.front());
  known.front().fill(7);
  const std::vector<Sha256> before = known;
  workers_.emplace(*root_, pace_, 2, [this] { woken_.release(); });
  workers_->add(job("huge", known));
  while (workers_->bytes_hashed() == 0) std::this_thread::yield();
  workers_->stop();
  known = workers_->take_progress().back().pieces;
  ASSERT_GE(known.size(), before.size());
  known.resize(before.size());
  EXPECT_EQ(known, before);
}

}  // namespace
}  // namespace trueque
