#include "server/core/login_throttle.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::ManualClock;

class LoginThrottleTest : public ::testing::Test {
 protected:
  void fail_times(int times, const std::string& name = "ana", const std::string& from = "a") {
    for (int i = 0; i < times; ++i) {
      auto attempt = throttle_.begin(name, from);
      ASSERT_TRUE(attempt.ok()) << i;
      attempt->fail();
    }
  }
  // How long a try is put off; zero when it may go ahead.
  seconds wait(const std::string& name = "ana", const std::string& from = "a") {
    const auto attempt = throttle_.begin(name, from);
    if (attempt.ok()) return seconds(0);
    EXPECT_EQ(attempt.error().code, Code::kResourceExhausted);
    return std::chrono::duration_cast<seconds>(*attempt.error().retry_after);
  }

  ManualClock clock_;
  LoginThrottle throttle_{clock_};
};

TEST_F(LoginThrottleTest, TheSixthTryWaitsThirtySeconds) {
  fail_times(4);
  EXPECT_EQ(wait(), seconds(0));
  fail_times(1);
  EXPECT_EQ(wait(), seconds(30));
  clock_.advance(seconds(29));
  EXPECT_EQ(wait(), seconds(1));
  clock_.advance(seconds(1));
  EXPECT_EQ(wait(), seconds(0));
}

TEST_F(LoginThrottleTest, EachFurtherFailureDoublesTheWaitUpToFifteenMinutes) {
  fail_times(5);
  for (const int expected : {30, 60, 120, 240, 480, 900, 900}) {
    EXPECT_EQ(wait(), seconds(expected));
    clock_.advance(seconds(expected));
    fail_times(1);
  }
}

TEST_F(LoginThrottleTest, OtherNamesAndAddressesAreUnaffected) {
  fail_times(5);
  EXPECT_EQ(wait("bob", "a"), seconds(0));
  EXPECT_EQ(wait("ana", "b"), seconds(0));
  EXPECT_EQ(wait("ana", "a"), seconds(30));
}

TEST_F(LoginThrottleTest, TheRightPasswordBeginsANewRow) {
  fail_times(4);
  throttle_.begin("ana", "a")->succeed();
  fail_times(4);
  EXPECT_EQ(wait(), seconds(0));
}

TEST_F(LoginThrottleTest, AnAttemptLeftUnsettledDoesNotCount) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(throttle_.begin("ana", "a").ok());
  EXPECT_EQ(throttle_.records(), 0U);
}

TEST_F(LoginThrottleTest, TriesAtOnceDoNotSlipPast) {
  std::atomic<int> let_through = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      auto attempt = throttle_.begin("ana", "a");
      if (!attempt.ok()) return;
      ++let_through;
      attempt->fail();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_through, 5);
}

TEST_F(LoginThrottleTest, RightTriesAtOnceAllGetThrough) {
  std::atomic<int> let_through = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      auto attempt = throttle_.begin("ana", "a");
      if (!attempt.ok()) return;
      ++let_through;
      attempt->succeed();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_through, 20);
  EXPECT_EQ(throttle_.records(), 0U);
}

TEST(LoginThrottleMemory, IsBounded) {
  ManualClock clock;
  LoginThrottle throttle(clock, 100);
  for (int i = 0; i < 1000; ++i) {
    throttle.begin("name" + std::to_string(i), "a")->fail();
    clock.advance(seconds(1));
    ASSERT_LE(throttle.records(), 100U);
  }
  EXPECT_GE(throttle.records(), 50U) << "the recent ones stay";
}

}  // namespace
}  // namespace trueque
