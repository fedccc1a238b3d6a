// Sources that have a part of the file only, as the rules of a download see them.
#include "peer_client/core/swarm.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using PieceSpan = PiecePicker::Run;

constexpr std::uint64_t kPieces = 6;
constexpr Swarm::Lane kFirst = 0;
constexpr Swarm::Lane kSecond = 1;
constexpr Swarm::Lane kThird = 2;

TransferSource source(std::uint16_t port, bool partial) {
  return {"peer", {"10.0.0.9", port}, kPieces * kMinPieceSize, partial};
}

Error failure(Code code, bool retry = false) {
  Error error = make_error(code, "failed");
  if (retry) error.retry_after = std::chrono::milliseconds(1000);
  return error;
}

class SwarmOfParts : public ::testing::Test {
 protected:
  void begin(const std::vector<TransferSource>& sources) {
    swarm_.add_sources(sources);
    swarm_.begin(PieceLayout(kPieces * kMinPieceSize), {}, clock_.steady());
  }
  Clock::Steady now() const { return clock_.steady(); }
  std::optional<Swarm::Source> join(Swarm::Lane lane) { return swarm_.join(lane, now()); }
  std::optional<PieceSpan> next(Swarm::Lane lane) { return swarm_.next_run(lane, now()); }
  void fetch(Swarm::Lane lane, const PieceSpan& run) {
    for (std::uint64_t i = 0; i < run.count; ++i) {
      swarm_.received(lane, kMinPieceSize, 0, now());
      swarm_.finished(lane, run.first + i, now());
    }
    swarm_.end_run(lane);
  }

  testing::ManualClock clock_;
  Swarm swarm_{{seconds(60), seconds(60), 2, 0}, clock_.steady()};
};

TEST_F(SwarmOfParts, APartIsAskedForWhatItHoldsAlone) {
  begin({source(1, true)});
  ASSERT_TRUE(join(kFirst));
  EXPECT_EQ(next(kFirst), std::nullopt);  // nothing, until it said
  swarm_.set_held(kFirst, {false, false, true, false, false, true});
  EXPECT_EQ(next(kFirst), (PieceSpan{2, 1}));
  fetch(kFirst, {2, 1});
  EXPECT_EQ(next(kFirst), (PieceSpan{5, 1}));
  fetch(kFirst, {5, 1});
  EXPECT_EQ(next(kFirst), std::nullopt);
  swarm_.set_held(kFirst, {});  // all, by now
  EXPECT_TRUE(next(kFirst));
}

TEST_F(SwarmOfParts, TheWholeSourceGivesWhatNobodyElseHas) {
  begin({source(1, false), source(2, true), source(3, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});  // the whole one first
  ASSERT_TRUE(join(kSecond));
  ASSERT_TRUE(join(kThird));
  swarm_.set_held(kSecond, {true, true, true, false, false, true});
  swarm_.set_held(kThird, {true, true, false, false, false, true});
  // One piece at a time: what others hold changes fast.
  EXPECT_EQ(next(kFirst), (PieceSpan{3, 1}));
  fetch(kFirst, {3, 1});
  EXPECT_EQ(next(kFirst), (PieceSpan{4, 1}));
  fetch(kFirst, {4, 1});
  EXPECT_EQ(next(kFirst), (PieceSpan{2, 1}));  // two have it, three the rest
}

TEST_F(SwarmOfParts, RunsAreShortWhereOthersMayBe) {
  swarm_.expect_others(true);
  begin({source(1, false)});
  ASSERT_TRUE(join(kFirst));
  EXPECT_EQ(next(kFirst), (PieceSpan{0, 1}));
  fetch(kFirst, {0, 1});
  swarm_.expect_others(false);
  EXPECT_EQ(next(kFirst), (PieceSpan{1, 4}));
}

TEST_F(SwarmOfParts, ThreeThatFetchBeginApart) {
  begin({source(1, false), source(2, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});
  swarm_.set_place(1, 3);
  EXPECT_EQ(next(kFirst), (PieceSpan{2, 1}));
  fetch(kFirst, {2, 1});
  swarm_.set_place(2, 3);
  EXPECT_EQ(next(kFirst), (PieceSpan{4, 1}));
}

TEST_F(SwarmOfParts, OneLaneAPart) {
  begin({source(1, true)});
  ASSERT_TRUE(join(kFirst));
  EXPECT_FALSE(join(kSecond));
}

TEST_F(SwarmOfParts, APartThatFailsGoesWithoutAWord) {
  begin({source(1, false), source(2, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(join(kSecond), Swarm::Source{1}) << i;
    EXPECT_FALSE(swarm_.failed(kSecond, failure(Code::kUnavailable), now()));
    swarm_.leave(kSecond);
    clock_.advance(seconds(9));
  }
  EXPECT_EQ(swarm_.book().usable_partial(), 0U);
  // Named anew, it gets another chance.
  swarm_.add_sources(std::vector{source(2, true)});
  ASSERT_EQ(join(kSecond), Swarm::Source{1});
  EXPECT_FALSE(swarm_.failed(kSecond, failure(Code::kNotFound), now()));
  EXPECT_EQ(swarm_.book().usable_partial(), 0U);
}

TEST_F(SwarmOfParts, APartThatHasNotYetWhatIsAskedForStays) {
  begin({source(2, true)});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(join(kFirst)) << i;
    EXPECT_FALSE(swarm_.failed(kFirst, failure(Code::kUnavailable, true), now()));
    swarm_.leave(kFirst);
    EXPECT_FALSE(join(kFirst));
    clock_.advance(seconds(1));
  }
}

TEST_F(SwarmOfParts, APartThatLiesIsNamedAndLeftOut) {
  begin({source(1, false), source(2, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});
  ASSERT_EQ(join(kSecond), Swarm::Source{1});
  EXPECT_TRUE(swarm_.failed(kSecond, failure(Code::kDataLoss), now()));
  swarm_.leave(kSecond);
  swarm_.add_sources(std::vector{source(2, true)});
  EXPECT_EQ(swarm_.book().usable_partial(), 0U);
  EXPECT_TRUE(swarm_.book().reports()[1].lied);
}

TEST_F(SwarmOfParts, PartsAloneDoNotKeepItFromEnding) {
  begin({source(1, false), source(2, true), source(3, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});
  ASSERT_EQ(join(kSecond), Swarm::Source{1});
  swarm_.failed(kFirst, failure(Code::kNotFound), now());
  swarm_.leave(kFirst);
  EXPECT_FALSE(swarm_.over(now()));
  clock_.advance(seconds(59));
  EXPECT_FALSE(swarm_.over(now()));
  clock_.advance(seconds(1));
  EXPECT_TRUE(swarm_.over(now()));  // though one of them was never asked
  EXPECT_EQ(swarm_.book().verdict().code, Code::kUnavailable);
}

TEST_F(SwarmOfParts, APartThatIsListedAsWholeIsWhole) {
  begin({source(2, true)});
  swarm_.add_sources(std::vector{source(2, false)});
  ASSERT_TRUE(join(kFirst));
  EXPECT_TRUE(next(kFirst));
  // And stays so, whoever still counts it among those that fetch.
  swarm_.add_sources(std::vector{source(2, true)});
  EXPECT_EQ(swarm_.book().usable_whole(), 1U);
}

TEST_F(SwarmOfParts, OneWithNothingOfUseGivesWayToOneThatWaits) {
  begin({source(2, true), source(3, true)});
  ASSERT_EQ(join(kFirst), Swarm::Source{0});
  EXPECT_TRUE(swarm_.book().anyone_waits(now()));
  swarm_.rest(kFirst, now() + seconds(1));
  swarm_.leave(kFirst);
  ASSERT_EQ(join(kFirst), Swarm::Source{1});
  EXPECT_FALSE(swarm_.book().anyone_waits(now()));
  clock_.advance(seconds(1));
  EXPECT_TRUE(swarm_.book().anyone_waits(now()));
}

}  // namespace
}  // namespace trueque
