#include "common/base/token_bucket.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using testing::ManualClock;

constexpr TokenBucket::Duration kNow{0};

TEST(TokenBucket, WithoutALimitAllMayGo) {
  const ManualClock clock;
  TokenBucket bucket(clock, 0, 0);
  EXPECT_FALSE(bucket.limited());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(bucket.try_take(std::numeric_limits<std::uint64_t>::max()), kNow);
}

TEST(TokenBucket, GivesABurstAndThenTheRate) {
  ManualClock clock;
  TokenBucket bucket(clock, 1'000, 500);  // a byte a millisecond
  EXPECT_TRUE(bucket.limited());
  EXPECT_EQ(bucket.try_take(500), kNow);
  EXPECT_EQ(bucket.try_take(1), milliseconds(1));
  EXPECT_EQ(bucket.wait_for(200), milliseconds(200));
  clock.advance(milliseconds(199));
  EXPECT_EQ(bucket.try_take(200), milliseconds(1));  // takes nothing
  clock.advance(milliseconds(1));
  EXPECT_EQ(bucket.try_take(200), kNow);
  EXPECT_EQ(bucket.wait_for(1), milliseconds(1));
}

TEST(TokenBucket, RestsNoLongerThanABurst) {
  ManualClock clock;
  TokenBucket bucket(clock, 1'000, 500);
  clock.advance(std::chrono::hours(10));
  EXPECT_EQ(bucket.try_take(500), kNow);
  EXPECT_EQ(bucket.wait_for(500), milliseconds(500));
}

TEST(TokenBucket, MoreThanABurstGoesFromAFullBucketIntoDebt) {
  ManualClock clock;
  TokenBucket bucket(clock, 1'000, 500);
  EXPECT_EQ(bucket.try_take(2'000), kNow);
  EXPECT_EQ(bucket.wait_for(1), milliseconds(1'501));
  EXPECT_EQ(bucket.wait_for(9'999), milliseconds(2'000));  // full again
  bucket.take(100);
  EXPECT_EQ(bucket.wait_for(0), milliseconds(1'600));
  clock.advance(milliseconds(2'100));
  EXPECT_EQ(bucket.try_take(9'999), kNow);
}

TEST(TokenBucket, AWaitIsAlwaysEnough) {
  for (const std::uint64_t rate : {3ULL, 7ULL, 999'983ULL, 1ULL << 40}) {
    ManualClock clock;
    TokenBucket bucket(clock, rate, rate / 3 + 1);
    for (int i = 0; i < 200; ++i) {
      const auto wait = bucket.wait_for(rate / 2);
      clock.advance(std::chrono::ceil<milliseconds>(wait));
      ASSERT_EQ(bucket.try_take(rate / 2), kNow) << rate;
    }
  }
}

TEST(TokenBucket, HoldsTheRateInTheLongRun) {
  ManualClock clock;
  TokenBucket bucket(clock, 1 << 20, 64 << 10);
  std::uint64_t gone = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    while (bucket.try_take(16'000) == kNow) gone += 16'000;
    clock.advance(milliseconds(1));
  }
  EXPECT_NEAR(static_cast<double>(gone), 10.0 * (1 << 20) + (64 << 10), 20'000.0);
}

TEST(TokenBucket, ADebtOfAgesStaysWithinTime) {
  const ManualClock clock;
  TokenBucket bucket(clock, 1, 1);
  for (int i = 0; i < 50; ++i) bucket.take(std::numeric_limits<std::uint64_t>::max());
  EXPECT_GT(bucket.wait_for(1), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace trueque
