#include "peer_server/core/hash_pace.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using testing::ManualClock;

constexpr std::uint64_t kMiB = 1UL << 20;
constexpr HashPace::Duration kWork = milliseconds(10);
constexpr HashPace::Duration kNone{0};

class HashPaceTest : public ::testing::Test {
 protected:
  // Serves a chunk each time for as long.
  void serve(std::uint64_t chunk, milliseconds each, milliseconds time) {
    for (milliseconds past{0}; past < time; past += each) {
      pace_.note_served(chunk);
      clock_.advance(each);
    }
  }

  ManualClock clock_;
  HashPace pace_{clock_};
};

TEST_F(HashPaceTest, NobodyRestsWhereNothingIsServed) { EXPECT_EQ(pace_.rest_after(kWork), kNone); }

TEST_F(HashPaceTest, ATransferLeavesHashingATenthOfItsPaceAllTheWhile) {
  serve(kMiB, milliseconds(10), milliseconds(200));
  for (int turn = 0; turn < 100; ++turn) {
    EXPECT_EQ(pace_.rest_after(kWork), 9 * kWork) << turn;
    serve(kMiB, milliseconds(10), milliseconds(50));
  }
}

TEST_F(HashPaceTest, ATrickleTakesNothingHashingNeeds) {
  for (int turn = 0; turn < 100; ++turn) {
    serve(kMiB, milliseconds(100), milliseconds(300));  // 10 MiB/s
    EXPECT_EQ(pace_.rest_after(kWork), kNone) << turn;
  }
}

TEST_F(HashPaceTest, WhenTheTransferEndsHashingIsBackSoon) {
  serve(4 * kMiB, milliseconds(10), milliseconds(1'000));
  EXPECT_EQ(pace_.rest_after(kWork), 9 * kWork);
  clock_.advance(2 * HashPace::kWindow);
  EXPECT_EQ(pace_.rest_after(kWork), kNone);
}

}  // namespace
}  // namespace trueque
