// Which lanes work with which source.
#include <gtest/gtest.h>

#include "peer_client/core/swarm.h"

namespace trueque {
namespace {

constexpr std::uint64_t kSize = 8ULL * 1024 * 1024;

class SwarmLanesTest : public ::testing::Test {
 protected:
  SwarmLanesTest() {
    std::vector<TransferSource> sources(2);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      sources[i].endpoint = {"10.0.0.1", static_cast<std::uint16_t>(i + 1)};
      sources[i].size = kSize;
    }
    swarm_.add_sources(sources);
  }

  Clock::Steady now_{std::chrono::hours(1)};
  Swarm swarm_{SwarmTerms{}, now_};
};

// Else both could wait for one that says nothing, and nobody asks the other again.
TEST_F(SwarmLanesTest, NoTwoAskOneSourceForThePlan) {
  ASSERT_EQ(swarm_.join(0, now_), 0U);
  swarm_.failed(0, make_error(Code::kUnavailable, "is still hashing"), now_);
  swarm_.leave(0);
  ASSERT_EQ(swarm_.join(1, now_), 1U);
  EXPECT_EQ(swarm_.join(0, now_), std::nullopt);
  EXPECT_EQ(swarm_.join(0, now_ + std::chrono::seconds(1)), 0U);
}

TEST_F(SwarmLanesTest, OfASourceThatLiedToOneTheOtherGetsNothingMore) {
  swarm_.begin(PieceLayout(kSize), {}, now_);
  for (Swarm::Lane lane = 0; lane < 3; ++lane) ASSERT_EQ(swarm_.join(lane, now_), lane % 2);
  const auto run = swarm_.next_run(2, now_);
  ASSERT_TRUE(run);
  swarm_.failed(0, make_error(Code::kDataLoss, "sent wrong bytes"), now_);
  swarm_.leave(0);
  EXPECT_TRUE(swarm_.dismissed(2));
  EXPECT_FALSE(swarm_.received(2, 1000, 1000, now_));
  swarm_.end_run(2);
  EXPECT_EQ(swarm_.next_run(2, now_), std::nullopt);
  EXPECT_FALSE(swarm_.dismissed(1));
  EXPECT_TRUE(swarm_.next_run(1, now_));
}

TEST_F(SwarmLanesTest, ASourceThatComesLaterHasALaneBesideTheTwoOfTheFirst) {
  std::vector<TransferSource> sources(2);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].endpoint = {"10.0.0.1", static_cast<std::uint16_t>(i + 1)};
    sources[i].size = kSize;
  }
  Swarm swarm(SwarmTerms{}, now_);
  swarm.add_sources(std::span(sources).first(1));
  swarm.begin(PieceLayout(kSize), {}, now_);
  ASSERT_EQ(swarm.lanes_wanted(8, now_), 2U);
  ASSERT_EQ(swarm.join(0, now_), 0U);
  ASSERT_EQ(swarm.join(1, now_), 0U);
  swarm.add_sources(sources);
  EXPECT_EQ(swarm.lanes_wanted(8, now_), 3U);
  EXPECT_EQ(swarm.lanes_wanted(2, now_), 2U);
  EXPECT_EQ(swarm.join(2, now_), 1U);
  EXPECT_EQ(swarm.lanes_wanted(8, now_), 3U) << "enough";
}

// 4 s and 4 s a MiB, for an answer as for a first byte; there is nobody else to ask.
TEST_F(SwarmLanesTest, OneThatSaysNothingIsNotWaitedForLong) {
  using std::chrono::seconds;
  ASSERT_EQ(swarm_.join(0, now_), 0U);
  ASSERT_EQ(swarm_.join(1, now_), 1U);
  swarm_.ask(0, now_);
  EXPECT_FALSE(swarm_.overdue(0, now_ + seconds(8)));
  EXPECT_TRUE(swarm_.overdue(0, now_ + seconds(9)));
  EXPECT_STREQ(swarm_.why_overdue(0), "does not answer");
  swarm_.answered(0);
  EXPECT_FALSE(swarm_.overdue(0, now_ + seconds(9)));
  swarm_.begin(PieceLayout(kSize), {}, now_);
  ASSERT_TRUE(swarm_.next_run(1, now_));
  EXPECT_FALSE(swarm_.overdue(1, now_ + seconds(8)));
  EXPECT_TRUE(swarm_.overdue(1, now_ + seconds(9)));
  swarm_.received(1, 1000, 1000, now_ + seconds(8));
  EXPECT_FALSE(swarm_.overdue(1, now_ + seconds(9))) << "slow is not silent";
}

TEST_F(SwarmLanesTest, OneThatWasTooBusyToAnswerHasMoreTimeWhenItIsAskedAgain) {
  using std::chrono::seconds;
  ASSERT_EQ(swarm_.join(0, now_), 0U);
  swarm_.failed(0, make_error(Code::kDeadlineExceeded, "does not answer"), now_);
  swarm_.leave(0);
  now_ += seconds(2);
  ASSERT_EQ(swarm_.join(0, now_), 1U);
  ASSERT_EQ(swarm_.join(1, now_), 0U);
  swarm_.ask(1, now_);
  EXPECT_FALSE(swarm_.overdue(1, now_ + seconds(16)));
  EXPECT_TRUE(swarm_.overdue(1, now_ + seconds(17)));
}

}  // namespace
}  // namespace trueque
