// A download among others of the same content: whom it asks, and what it tells the
// directory of itself.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "peer_client/core/downloader.h"
#include "tests/support/fake_peers.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using testing::FakePeer;
using testing::some_bytes;

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::chrono::seconds kPatience{20};

class Notes final : public DownloadObserver {
 public:
  void progress(std::uint64_t, std::uint64_t) override {}
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  void ended(const TransferReport& result) override { report = result; }
  std::vector<std::string> notes;
  TransferReport report;
};

// Opened once; whoever comes before waits, and is held, for the clock's sake.
class Gate {
 public:
  explicit Gate(std::atomic<int>& held) : held_(held) {}
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool pass() {
    ++held_;
    std::unique_lock lock(mutex_);
    const bool opened = changed_.wait_for(lock, kPatience, [this] { return open_; });
    --held_;
    return opened;
  }

 private:
  std::atomic<int>& held_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

class SwarmDownload : public ::testing::Test {
 protected:
  SwarmDownload() {
    settings_.shared_dir = folder_.path().string();
    settings_.beside = {"127.0.0.1", 50051};
    settings_.aside = [](const std::function<void()>& job) { job(); };
  }
  FakePeer& peer(std::uint16_t port, std::vector<bool> held = {}) {
    FakePeer& made = peers_.at({"10.0.0.9", port});
    made.add("a.bin", bytes_);
    made.held = std::move(held);
    return made;
  }
  // From the whole source 1, with `others` in the swarm.
  Result<DownloadOutcome> fetch(const std::vector<PeerKey>& others,
                                std::optional<std::string> output = std::nullopt) {
    FileChoice choice{"a.bin", file_.content_id, file_.size, {}};
    choice.sources.push_back({"ana",
                              "10.0.0.9",
                              std::uint16_t{1},
                              {"a.bin", Content{file_.size, file_.content_id}},
                              ""});
    DownloadRequest request;
    request.choice = choice;
    request.output = std::move(output);
    request.join_swarm = [this, others](const Content& content) -> Result<SwarmReply> {
      EXPECT_EQ(content, (Content{file_.size, file_.content_id}));
      ++joined_;
      if (refusal_) return *refusal_;
      return SwarmReply{others, std::chrono::seconds(10)};
    };
    request.leave_swarm = [this](const Content&) { ++left_; };
    Landing landing(settings_.shared_dir);
    HeldFiles held(settings_.shared_dir);
    Downloader downloader(peers_, clock_, wait_, settings_, own_, landing, held);
    return downloader.fetch(request, cancellation_, notes_);
  }
  std::uint64_t bytes_from(std::uint16_t port) const {
    for (const SourceReport& each : notes_.report.sources) {
      if (each.label.ends_with(":" + std::to_string(port) + ")")) return each.bytes;
    }
    return 0;
  }

  std::atomic<int> held_ = 0;  // at gates
  testing::TemporaryDirectory folder_;
  testing::ManualClock clock_;
  testing::FakePeers peers_{clock_};
  Waiter wait_ = [this](std::chrono::milliseconds time, Cancellation&) {
    // Time that the test keeps a source waiting is not the source's.
    if (held_ == 0) clock_.advance(std::min(time, std::chrono::milliseconds(1)));
    std::this_thread::yield();
  };
  DownloadSettings settings_;
  PeerKey own_{"me", "10.0.0.1", 50051};
  Cancellation cancellation_;
  Notes notes_;
  std::vector<std::uint8_t> bytes_ = some_bytes(3 * kMiB + 7);
  RemoteFile file_ = testing::describe_bytes("a.bin", bytes_);
  std::optional<Error> refusal_;
  std::atomic<int> joined_ = 0;
  std::atomic<int> left_ = 0;
};

TEST_F(SwarmDownload, PiecesComeFromThoseThatHaveAPart) {
  Gate asked(held_);
  // The whole source sends nothing before the part was asked for its piece.
  peer(1).fetch_lie = [&](auto&, auto) { EXPECT_TRUE(asked.pass()); };
  peer(2, {true, true, true, false}).fetch_lie = [&](auto&, std::uint64_t offset) {
    EXPECT_LT(offset, 3 * kMiB);
    asked.open();
  };
  const auto outcome = fetch({{"luis", "10.0.0.9", 2}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(bytes_from(1) + bytes_from(2), file_.size);
  EXPECT_GE(joined_, 1);
  EXPECT_EQ(left_, 1);
  EXPECT_TRUE(notes_.notes.empty()) << notes_.notes.front();
}

TEST_F(SwarmDownload, NobodyIsAskedWhoIsOneselfAndNobodyMissedWhoIsGone) {
  Gate asked(held_);
  peer(1).fetch_lie = [&](auto&, auto) { EXPECT_TRUE(asked.pass()); };
  // Comes last of the three, so that the others were heard of by then.
  peer(3, {false, false, false, false}).stat_lie = [&](auto&) { asked.open(); };
  const auto outcome =
      fetch({{"me", "10.0.0.1", 50051}, {"gone", "10.0.0.8", 7}, {"luis", "10.0.0.9", 3}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(bytes_from(1), file_.size);
  EXPECT_EQ(notes_.report.sources.size(), 3U);
  EXPECT_TRUE(notes_.notes.empty()) << notes_.notes.front();
}

TEST_F(SwarmDownload, APeerThatPromisesMoreThanItGivesDoesNoHarm) {
  Gate asked(held_);
  peer(1).fetch_lie = [&](auto&, auto) { EXPECT_TRUE(asked.pass()); };
  FakePeer& promising = peer(2, {false, false, false, false});
  promising.stat_lie = [&](RemoteFile& file) {
    file.held = {true, true, true, false};
    asked.open();
  };
  const auto outcome = fetch({{"luis", "10.0.0.9", 2}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(bytes_from(1), file_.size);
  EXPECT_TRUE(notes_.notes.empty()) << notes_.notes.front();
}

TEST_F(SwarmDownload, APeerThatIsListedAsWholeAndHasAPartIsTakenAsThat) {
  peer(1, {true, false, true, false});
  peer(2, {false, true, false, true});
  const auto outcome = fetch({{"luis", "10.0.0.9", 2}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(bytes_from(1), 2 * kMiB);
  EXPECT_EQ(bytes_from(2), kMiB + 7);
  EXPECT_TRUE(notes_.notes.empty()) << notes_.notes.front();
}

TEST_F(SwarmDownload, ALiarWithAPartIsNamed) {
  peer(1, {true, true, true, false});
  peer(2, {false, false, false, true}).fetch_lie = [](auto& bytes, auto) { ++bytes.back(); };
  settings_.transfer.give_up = std::chrono::milliseconds(2'000);
  const auto outcome = fetch({{"luis", "10.0.0.9", 2}});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kDataLoss);
  ASSERT_EQ(notes_.notes.size(), 1U) << notes_.notes[0] << "\n" << notes_.notes.back();
  EXPECT_NE(notes_.notes[0].find("luis"), std::string::npos);
}

TEST_F(SwarmDownload, WhatLandsElsewhereIsNobodysBusiness) {
  testing::TemporaryDirectory outside;
  peer(1);
  ASSERT_TRUE(fetch({}, outside.file("a.bin")).ok());
  EXPECT_EQ(joined_, 0);
  EXPECT_EQ(left_, 0);
}

TEST_F(SwarmDownload, AFileOfOnePieceHasNoPart) {
  bytes_ = some_bytes(9);
  file_ = testing::describe_bytes("a.bin", bytes_);
  peer(1);
  ASSERT_TRUE(fetch({}).ok());
  EXPECT_EQ(joined_, 0);
}

TEST_F(SwarmDownload, ADirectoryThatKnowsNoDownloadsIsAskedOnce) {
  refusal_ = make_error(Code::kUnimplemented, "no such request");
  peer(1);
  ASSERT_TRUE(fetch({}).ok());
  EXPECT_LE(joined_, 1);
  EXPECT_EQ(left_, 0);
}

}  // namespace
}  // namespace trueque
