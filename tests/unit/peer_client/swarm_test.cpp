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
  EXPECT_TRUE(swarm_.give_way(kFirst, now()));
  swarm_.leave(kFirst);
  ASSERT_EQ(join(kFirst), Swarm::Source{1});
  EXPECT_FALSE(swarm_.book().anyone_waits(now()));
  clock_.advance(seconds(1));
  EXPECT_TRUE(swarm_.book().anyone_waits(now()));
}

class SwarmAmongMutes : public SwarmOfParts {
 protected:
  void begin(std::uint16_t sources, std::uint64_t size) {
    std::vector<TransferSource> all;
    for (std::uint16_t port = 1; port <= sources; ++port) {
      all.push_back(source(port, false));
      all.back().size = size;
    }
    swarm_.add_sources(all);
    swarm_.begin(PieceLayout(size), {}, now());
  }
};

TEST_F(SwarmAmongMutes, WhoNeverSentAnythingIsLeftSoonerWhereSomeoneWasNeverAsked) {
  begin(3, kPieces * kMinPieceSize);
  for (const Swarm::Lane lane : {kFirst, kSecond}) {
    ASSERT_TRUE(join(lane));
    swarm_.ask(lane, now());
    swarm_.answered(lane);
    swarm_.set_held(lane, {});  // it told of the file
    ASSERT_TRUE(next(lane));
  }
  swarm_.received(kSecond, 1000, 1000, now());
  clock_.advance(seconds(9));
  EXPECT_TRUE(swarm_.overdue(kFirst, now()));
  EXPECT_FALSE(swarm_.overdue(kSecond, now())) << "it sends";
  ASSERT_TRUE(join(kThird));
  EXPECT_FALSE(swarm_.overdue(kFirst, now())) << "all were asked: there is time";
}

TEST_F(SwarmAmongMutes, AnAnswerIsNotWaitedForLongWhereSomeoneWasNeverAsked) {
  begin(2, kPieces * kMinPieceSize);
  ASSERT_TRUE(join(kFirst));
  swarm_.ask(kFirst, now());
  clock_.advance(seconds(5));
  EXPECT_TRUE(swarm_.overdue(kFirst, now()));
  ASSERT_TRUE(join(kSecond));
  EXPECT_FALSE(swarm_.overdue(kFirst, now()));
  clock_.advance(seconds(4));
  EXPECT_TRUE(swarm_.overdue(kFirst, now()));
}

TEST_F(SwarmAmongMutes, ASinglePieceHasASecondLaneOnceTheFirstWaits) {
  begin(3, 1000);
  EXPECT_EQ(swarm_.lanes_wanted(8, now()), 1U);
  ASSERT_TRUE(join(kFirst));
  ASSERT_TRUE(next(kFirst));
  EXPECT_EQ(swarm_.lanes_wanted(8, now()), 1U);
  clock_.advance(seconds(2));
  EXPECT_EQ(swarm_.lanes_wanted(8, now()), 2U);
  EXPECT_EQ(swarm_.lanes_wanted(1, now()), 1U);
  ASSERT_TRUE(join(kSecond));
  EXPECT_EQ(next(kSecond), (PieceSpan{0, 1, true}));
  clock_.advance(seconds(2));
  ASSERT_TRUE(join(kThird));
  EXPECT_EQ(swarm_.lanes_wanted(8, now()), 1U) << "nobody is left to be asked";
  EXPECT_EQ(next(kThird), (PieceSpan{0, 1, true})) << "the other two are silent";
}

TEST_F(SwarmAmongMutes, WithoutWorkASourceGivesWayUnlessItSentSomething) {
  begin(4, 2 * kMinPieceSize);
  swarm_.forbid_copies();
  for (const Swarm::Lane lane : {kFirst, kSecond, kThird}) ASSERT_TRUE(join(lane));
  ASSERT_EQ(next(kFirst), (PieceSpan{0, 2}));
  ASSERT_EQ(next(kSecond), (PieceSpan{1, 1}));
  fetch(kFirst, {0, 1});
  swarm_.end_run(kFirst);
  swarm_.ask(kThird, now());
  swarm_.answered(kThird);
  for (const Swarm::Lane lane : {kFirst, kThird}) {
    EXPECT_EQ(next(lane), std::nullopt);
    EXPECT_FALSE(swarm_.give_way(lane, now())) << "something may be given back soon";
  }
  clock_.advance(seconds(2));
  EXPECT_FALSE(swarm_.give_way(kFirst, now())) << "it sent something";
  EXPECT_TRUE(swarm_.give_way(kThird, now()));
  swarm_.leave(kThird);
  ASSERT_EQ(join(kThird), Swarm::Source{3});
  EXPECT_EQ(next(kThird), std::nullopt);
  clock_.advance(seconds(2));
  EXPECT_FALSE(swarm_.give_way(kThird, now())) << "it was never asked for anything";
}

TEST_F(SwarmAmongMutes, TheLastOneHasItsChanceHoweverLongTheOthersTook) {
  begin(2, 1000);
  ASSERT_TRUE(join(kFirst));
  ASSERT_TRUE(next(kFirst));
  clock_.advance(seconds(70));
  swarm_.failed(kFirst, failure(Code::kDeadlineExceeded), now());
  swarm_.leave(kFirst);
  ASSERT_EQ(join(kFirst), Swarm::Source{1});
  ASSERT_TRUE(next(kFirst));
  EXPECT_FALSE(swarm_.over(now()));
  swarm_.failed(kFirst, failure(Code::kDeadlineExceeded), now());
  EXPECT_TRUE(swarm_.over(now()));
}

}  // namespace
}  // namespace trueque
