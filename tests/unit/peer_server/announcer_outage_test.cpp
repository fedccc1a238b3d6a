// The announcer and a directory that forgets, is away, or refuses; and its thread.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "peer_server/core/announcer_thread.h"
#include "tests/unit/peer_server/announcer_fixture.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AnnouncerTest;
using testing::Calls;
using testing::FakeDirectoryClient;
using testing::shared;

TEST_F(AnnouncerTest, StartsOverWhenTheDirectoryForgotIt) {
  settle();
  directory_.take_calls();
  directory_.inner.forget_peers();
  folder_.push_back(shared("c"));
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "login", "heartbeat", "replace 3"}));
  directory_.inner.forget_peers();
  change({{"c", std::nullopt}});
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "login", "heartbeat", "replace 3"}));
}

TEST_F(AnnouncerTest, ADirectoryThatForgetsAtEveryTurnIsNotHammered) {
  for (int i = 0; i < 40; ++i) {
    directory_.failures.push_back(make_error(Code::kUnavailable, "down"));
  }
  settle();
  directory_.failures.clear();
  pass(seconds(60));
  directory_.take_calls();
  int calls = 0;
  for (int second = 0; second < 120; ++second) {
    directory_.inner.forget_peers();
    directory_.failures.assign(1, make_error(Code::kUnauthenticated, "who are you"));
    pass(seconds(1));
    calls += static_cast<int>(directory_.take_calls().size());
  }
  EXPECT_LT(calls, 60);
}

TEST_F(AnnouncerTest, WaitsLongerAndLongerWhileTheDirectoryIsAway) {
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) {
    const seconds next = wait();
    waits.push_back(next.count());
    clock_.advance(next);
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60}));
  directory_.inner.fail_with(std::nullopt);
  directory_.take_calls();
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 2"}));
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  clock_.advance(seconds(15));
  announcer_.step();
  EXPECT_EQ(wait(), seconds(1));  // it was there in between
}

TEST_F(AnnouncerTest, HalfOfAWaitIsChance) {
  random_ = 0.0;
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  EXPECT_EQ(announcer_.step() - clock_.steady(), milliseconds(500));
}

TEST_F(AnnouncerTest, AShortOutageLosesNothing) {
  settle();
  directory_.take_calls();
  directory_.failures = {make_error(Code::kUnavailable, "down"),
                         make_error(Code::kUnavailable, "down")};
  change({{"c", shared("c").content}, {"a", std::nullopt}});
  EXPECT_EQ(directory_.take_calls(), Calls{"remove 1"});
  pass(seconds(1));
  pass(seconds(2));
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "remove 1", "add 1"}));
  EXPECT_EQ(in_directory(), (Calls{"b", "c"}));
}

TEST_F(AnnouncerTest, WaitsAsLongAsTheDirectorySays) {
  Error busy = make_error(Code::kResourceExhausted, "too many wrong passwords");
  busy.retry_after = seconds(240);
  directory_.failures = {busy};
  EXPECT_EQ(wait(), seconds(240));
  pass(seconds(239));
  EXPECT_EQ(directory_.take_calls(), Calls{"login"});
  pass(seconds(1));
  EXPECT_TRUE(announcer_.logged_in());
}

TEST_F(AnnouncerTest, AWrongPasswordIsTriedAgainSlowly) {
  ASSERT_TRUE(directory_.inner.log_in({"ana", "other"}, "10.0.0.9", 1).ok());
  EXPECT_EQ(wait(), seconds(60));
  clock_.advance(seconds(60));
  EXPECT_EQ(wait(), seconds(60));
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "login"}));
}

TEST_F(AnnouncerTest, LeavesOutOnlyTheFileTheDirectoryWillNotTake) {
  directory_.refused_name = "file5";
  folder_.clear();
  for (int i = 0; i < 8; ++i) folder_.push_back(shared("file" + std::to_string(i)));
  settle();
  EXPECT_EQ(in_directory(), (Calls{"file0", "file1", "file2", "file3", "file4", "file6", "file7"}));
  // Nor is it missed: neither by a heartbeat nor after another login.
  directory_.take_calls();
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
  directory_.failures = {make_error(Code::kUnauthenticated, "who are you")};
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "login", "heartbeat"}));
  // Gone from the folder it is none of those left out any more.
  folder_.erase(folder_.begin() + 5);
  change({{"file5", std::nullopt}});
  directory_.failures = {make_error(Code::kUnauthenticated, "who are you")};
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "heartbeat", "login", "heartbeat"}));
}

TEST_F(AnnouncerTest, AnOriginalDirectoryGetsPlainNamesAndNoHeartbeats) {
  directory_.original = true;
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "add 2"}));
  change({{"a", std::nullopt}, {"c", shared("c").content}});
  EXPECT_EQ(directory_.take_calls(), Calls{"add 1"});
  pass(seconds(300));
  EXPECT_EQ(directory_.take_calls(), Calls{});
}

TEST_F(AnnouncerTest, LogsOutOnlyWhenLoggedIn) {
  announcer_.log_out();
  EXPECT_EQ(directory_.take_calls(), Calls{});
  settle();
  announcer_.log_out();
  EXPECT_FALSE(directory_.inner.knows({"ana", "10.0.0.1", 50051}));
}

TEST(AnnouncerThread, StopsAtOnceAndLogsOut) {
  const Log log(LogLevel::kOff, LogFormat::kText);
  const SystemClock clock;
  FakeDirectoryClient directory;
  std::mutex mutex;
  std::condition_variable asked;
  bool page_taken = false;
  Announcer announcer(
      {{"ana", "secret"}, "10.0.0.1", 50051}, directory,
      {[&](std::size_t&, std::size_t) {
         const std::lock_guard lock(mutex);
         page_taken = true;
         asked.notify_all();
         return std::vector<SharedFile>{shared("a")};
       },
       [] { return FolderSummary(); }},
      clock, [] { return 0.0; }, log);
  AnnouncerThread thread(announcer, clock, log);
  thread.start();
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(asked.wait_for(lock, seconds(20), [&] { return page_taken; }));
  }
  EXPECT_TRUE(thread.stop(seconds(20)));
  EXPECT_FALSE(directory.knows({"ana", "10.0.0.1", 50051}));
  EXPECT_EQ(directory.logins(), 1);
}

}  // namespace
}  // namespace trueque
