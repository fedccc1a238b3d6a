#include "peer_client/core/swarm_seat.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SwarmSeatTest : public ::testing::Test {
 protected:
  SwarmSeat::Asks asks() {
    return {[this]() -> Result<SwarmNews> {
              ++joined_;
              if (failure_) return *failure_;
              return SwarmNews{{{"luis", {"10.0.0.9", 1}, 5, true}}, 1, seconds(10)};
            },
            [this] { ++left_; }};
  }
  // Whether the directory was asked when so much time had passed.
  bool asked_after(milliseconds time) {
    clock_.advance(time);
    const int before = joined_;
    seat_.look(clock_.steady());
    return joined_ > before;
  }

  testing::ManualClock clock_;
  int joined_ = 0;
  int left_ = 0;
  std::optional<Error> failure_;
  SwarmSeat seat_{[](const std::function<void()>& job) { job(); }, asks()};
};

TEST_F(SwarmSeatTest, IsRenewedSoonAtFirstAndThenAsTold) {
  const std::optional<SwarmNews> news = seat_.look(clock_.steady());
  ASSERT_TRUE(news);
  EXPECT_EQ(news->peers.size(), 1U);
  EXPECT_EQ(news->rank, 1U);
  for (const int pause : {1, 2, 4, 8, 10, 10}) {
    EXPECT_FALSE(asked_after(seconds(pause) - milliseconds(1))) << pause;
    EXPECT_TRUE(asked_after(milliseconds(1))) << pause;
  }
}

TEST_F(SwarmSeatTest, IsGivenUpOnce) {
  seat_.leave();
  EXPECT_EQ(left_, 0);  // never taken
  seat_.look(clock_.steady());
  seat_.leave();
  seat_.leave();
  EXPECT_EQ(left_, 1);
}

TEST_F(SwarmSeatTest, ADirectoryThatFailsIsAskedAgain) {
  failure_ = make_error(Code::kUnavailable, "cannot be reached");
  const std::optional<SwarmNews> news = seat_.look(clock_.steady());
  ASSERT_TRUE(news);
  EXPECT_TRUE(news->peers.empty());
  failure_.reset();
  EXPECT_TRUE(asked_after(seconds(1)));
}

TEST_F(SwarmSeatTest, ADirectoryThatKnowsNoDownloadsIsNot) {
  failure_ = make_error(Code::kUnimplemented, "no such request");
  EXPECT_TRUE(seat_.look(clock_.steady()));
  EXPECT_FALSE(seat_.wanted());
  EXPECT_FALSE(asked_after(seconds(100)));
  seat_.leave();
  EXPECT_EQ(left_, 0);
}

TEST_F(SwarmSeatTest, AnAnswerThatIsLateIsTakenOnce) {
  std::vector<std::function<void()>> jobs;
  SwarmSeat seat([&](std::function<void()> job) { jobs.push_back(std::move(job)); }, asks());
  EXPECT_FALSE(seat.look(clock_.steady()));
  clock_.advance(seconds(30));
  EXPECT_FALSE(seat.look(clock_.steady()));
  ASSERT_EQ(jobs.size(), 1U);  // one question at a time
  jobs.front()();
  EXPECT_TRUE(seat.look(clock_.steady()));
  EXPECT_FALSE(seat.look(clock_.steady()));
}

TEST_F(SwarmSeatTest, NobodyIsAskedWithoutAWayTo) {
  SwarmSeat nowhere(nullptr, asks());
  EXPECT_FALSE(nowhere.wanted());
  EXPECT_FALSE(nowhere.look(clock_.steady()));
  nowhere.leave();
  EXPECT_EQ(joined_ + left_, 0);
}

}  // namespace
}  // namespace trueque
