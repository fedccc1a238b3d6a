#include "peer_client/core/away_peers.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

constexpr std::chrono::seconds kSecond{1};
const TransferSource kAna{"ana", {"10.0.0.2", 1}, 1};
const TransferSource kBob{"bob", {"10.0.0.3", 1}, 1};

TEST(AwayPeers, ThoseWhoCouldNotBeReachedAreNotWaitedForAgain) {
  AwayPeers away;
  const Clock::Steady now{};
  const std::vector<TransferSource> ana = {kAna};
  const std::vector<TransferSource> both = {kAna, kBob};
  EXPECT_FALSE(away.all_away(ana, now));
  away.failed(ana, make_error(Code::kNotFound, "gone"), now);
  EXPECT_FALSE(away.all_away(ana, now)) << "that was about the file";
  away.failed(ana, {Code::kUnavailable, "is busy", std::chrono::milliseconds(500)}, now);
  EXPECT_FALSE(away.all_away(ana, now)) << "it is there";
  away.failed(ana, make_error(Code::kUnavailable, "refused"), now);
  EXPECT_EQ(away.all_away(ana, now)->message, "refused");
  EXPECT_FALSE(away.all_away(both, now)) << "bob may be there";
  EXPECT_FALSE(away.all_away({}, now)) << "nobody is nobody who is away";
  EXPECT_FALSE(away.all_away(ana, now + 10 * kSecond)) << "asked again after a while";
  away.gave(both);
  EXPECT_FALSE(away.all_away(ana, now));
}

TEST(AwayPeers, OneThatGaveNothingIsAvoidedEachTimeForTwiceAsLong) {
  AwayPeers away;
  Clock::Steady now{};
  const std::vector<TransferSource> both = {kAna, kBob};
  const TransferReport mute = {
      {{kAna.label(), 0, false, "does not answer"}, {kBob.label(), 9, false, ""}}, 9, 0, 0};
  for (const int seconds : {10, 20, 40}) {
    away.told(both, mute, now);
    away.told(both, mute, now);
    EXPECT_TRUE(away.is_avoided(kAna.endpoint, now + seconds * kSecond - kSecond));
    EXPECT_FALSE(away.is_avoided(kBob.endpoint, now));
    EXPECT_FALSE(away.all_away({&kAna, 1}, now)) << "where it is alone it is asked";
    now += seconds * kSecond;
    EXPECT_FALSE(away.is_avoided(kAna.endpoint, now));
  }
  away.told(both, mute, now);
  away.told(both, {{{kAna.label(), 1, false, "went away"}}, 1, 0, 0}, now);
  EXPECT_FALSE(away.is_avoided(kAna.endpoint, now)) << "it gave something";
}

}  // namespace
}  // namespace trueque
