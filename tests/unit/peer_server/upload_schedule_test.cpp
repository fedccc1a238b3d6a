#include "peer_server/core/upload_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace trueque {
namespace {

// Streams are letters here; "Aa" is stream a of peer A.
class UploadScheduleTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kChunk = 1'000;

  void limit(std::size_t slots, std::size_t streams = 256, std::size_t per_peer = 64) {
    schedule_.emplace(UploadSchedule::Limits{slots, streams, per_peer});
  }
  // Which of the streams, "Aa Ab Ba", were admitted, and in "<>" who had to go.
  std::string add(const std::string& streams) {
    std::string result;
    for (std::size_t i = 0; i < streams.size(); i += 3) {
      const auto admission = schedule_->add(id(streams[i + 1]), streams.substr(i, 1));
      if (admission.displaced) result += '<' + std::string(1, letter(*admission.displaced)) + '>';
      if (admission.admitted) result += streams[i + 1];
    }
    return result;
  }
  // Those put into slots now, in order.
  std::string start() {
    std::string started;
    while (const auto stream =
               schedule_->next([&](const std::string& peer) { return !held_.contains(peer); })) {
      schedule_->charge(*stream, kChunk);
      started += letter(*stream);
    }
    return started;
  }
  // The caller of each takes its chunk, and whoever is next starts.
  std::string take(const std::string& streams) {
    std::string started;
    for (const char stream : streams) {
      schedule_->taken(id(stream));
      started += start();
    }
    return started;
  }
  // `turns` chunks, each taken as soon as it is sent, oldest first.
  std::string run(std::size_t turns) {
    std::string all;
    while (all.size() < turns) {
      const std::string next = start();
      all += next;
      running_ += next;
      schedule_->taken(id(running_.front()));
      running_.erase(0, 1);
    }
    return all;
  }
  void park(const std::string& streams) {
    for (const char stream : streams) schedule_->park(id(stream));
  }
  void remove(const std::string& streams) {
    for (const char stream : streams) schedule_->remove(id(stream));
  }
  static UploadSchedule::Stream id(char letter) {
    return static_cast<UploadSchedule::Stream>(letter);
  }
  static char letter(UploadSchedule::Stream stream) { return static_cast<char>(stream); }

  std::optional<UploadSchedule> schedule_{UploadSchedule::Limits{}};
  std::set<std::string> held_;  // peers that may not send
  std::string running_;         // on their way at the end of run()
};

TEST_F(UploadScheduleTest, StreamsOfOnePeerTakeTurns) {
  limit(1);
  add("Aa Ab Ac");
  EXPECT_EQ(run(9), "abcabcabc");
}

TEST_F(UploadScheduleTest, AnUploadAloneGoesOnAtOnce) {
  limit(8);
  add("Aa");
  EXPECT_EQ(run(5), "aaaaa");
}

TEST_F(UploadScheduleTest, PeersShareNotStreams) {
  limit(1);
  add("Aa Ab Ac Ad Bx");
  EXPECT_EQ(run(10), "axbxcxdxax");
}

TEST_F(UploadScheduleTest, AloneAPeerMayHaveAllSlots) {
  limit(3);
  add("Aa Ab Ac Ad");
  EXPECT_EQ(start(), "abc");
}

TEST_F(UploadScheduleTest, AManyHandedPeerHoldsNoMoreSlotsThanAnotherCanUse) {
  limit(8);
  add("Aa Ab Ac Ad Ae Bx By");
  EXPECT_EQ(start(), "axby");
  EXPECT_EQ(take("ab"), "cd");
  remove("x");
  EXPECT_EQ(start(), "");  // two slots are more than y can use
  EXPECT_EQ(take("cd"), "e");
}

TEST_F(UploadScheduleTest, ANewcomerIsNextAndGetsItsHalf) {
  limit(4);
  add("Aa Ab Ac Ad Ae Af Ag Ah");
  EXPECT_EQ(run(20).size(), 20U);
  add("Bx");
  std::string turns = run(40);
  EXPECT_LT(turns.find('x'), 4U);
  turns = run(40);
  EXPECT_NEAR(static_cast<double>(std::count(turns.begin(), turns.end(), 'x')), 20.0, 1.0);
}

TEST_F(UploadScheduleTest, WhoTakesNothingLosesItsSlotAndComesBackWithItsTurn) {
  limit(2);
  add("Aa Ab Ac Bx");
  EXPECT_EQ(start(), "ax");
  EXPECT_EQ(start(), "");
  park("a");
  EXPECT_EQ(take("x"), "xb");
  EXPECT_EQ(schedule_->sending(), 2U);
  EXPECT_EQ(take("a"), "");  // a waits again
  park("b");
  EXPECT_EQ(take("xxx"), "xcxx");
}

TEST_F(UploadScheduleTest, APeerThatDoesNotKeepUpGetsOneMoreAtATime) {
  limit(3);
  add("Aa Ab Ac Ad Ae");
  EXPECT_EQ(start(), "abc");
  park("a");
  EXPECT_EQ(start(), "");
  EXPECT_EQ(take("bc"), "d");
  EXPECT_EQ(take("a"), "eb");
}

TEST_F(UploadScheduleTest, ThoseThatNeverReadDoNotKeepOthersOut) {
  limit(1);
  add("Aa Ab Ac Ad Bx");
  std::string turns;
  for (int i = 0; i < 2'000; ++i) {
    const std::string next = start();
    turns += next;
    next == "x" ? schedule_->taken(id('x')) : park(next);
  }
  // One held slot of A each time B had as much.
  EXPECT_LT(turns.find('x'), 2U);
  EXPECT_EQ(std::count(turns.begin(), turns.end(), 'x'), 2'000 - 2);
}

TEST_F(UploadScheduleTest, ALongPauseIsNoClaimOnTheFuture) {
  limit(1);
  add("Aa Bx");
  held_ = {"B"};
  EXPECT_EQ(run(20'000).find('x'), std::string::npos);
  held_ = {};
  std::string turns = run(2 * UploadSchedule::kMostCredit / kChunk);
  EXPECT_NE(turns.find('a'), std::string::npos);
  turns = run(1'000);
  EXPECT_EQ(std::count(turns.begin(), turns.end(), 'a'), 500);
}

TEST_F(UploadScheduleTest, ComingBackForEachPieceIsNoAdvantage) {
  limit(1);
  add("Aa");
  std::string turns;
  for (int i = 0; i < 100; ++i) {
    add("Bx");
    std::string next = start();
    if (next.empty()) continue;
    turns += next;
    next == "x" ? remove("x") : schedule_->taken(id('a'));
    if (next == "a") remove("x");
  }
  EXPECT_NEAR(static_cast<double>(std::count(turns.begin(), turns.end(), 'a')), 50.0, 2.0);
}

TEST_F(UploadScheduleTest, PeersThatMayNotSendAreLeftOut) {
  limit(2);
  add("Aa Bx");
  held_ = {"A"};
  EXPECT_EQ(start(), "x");
  held_ = {"A", "B"};
  EXPECT_EQ(take("x"), "");
  held_ = {};
  EXPECT_EQ(start(), "ax");
}

TEST_F(UploadScheduleTest, BoundsStreamsOfAPeerAndInAll) {
  limit(1, 6, 4);
  EXPECT_EQ(add("Aa Ab Ac Ad Ae Af"), "abcd");
  EXPECT_EQ(add("Bx By"), "xy");
  EXPECT_EQ(start(), "a");
  // Full: newcomers take the places of those with the most, the newest first.
  EXPECT_EQ(add("Bz"), "<d>z");
  EXPECT_EQ(add("Bw"), "");  // now both have as many
  EXPECT_EQ(add("C1"), "<c>1");
  EXPECT_EQ(add("D2"), "<z>2");
  EXPECT_EQ(add("E3"), "<b>3");
  EXPECT_EQ(add("F4"), "<y>4");
  EXPECT_EQ(add("G5"), "");  // one each
  EXPECT_EQ(schedule_->streams(), 6U);
  EXPECT_TRUE(schedule_->has_peer("F"));
  EXPECT_FALSE(schedule_->has_peer("G"));
  remove("ax1234");
  EXPECT_EQ(schedule_->streams(), 0U);
  EXPECT_EQ(schedule_->sending(), 0U);
  EXPECT_FALSE(schedule_->has_peer("A"));
}

TEST_F(UploadScheduleTest, AParkedStreamCanBeDisplaced) {
  limit(3, 3, 3);
  add("Aa Ab Ac");
  EXPECT_EQ(start(), "abc");
  EXPECT_EQ(add("Bx"), "");  // what is being sent stays
  park("b");
  EXPECT_EQ(add("Bx"), "<b>x");
}

TEST_F(UploadScheduleTest, WhatItDoesNotKnowIsIgnored) {
  remove("q");
  park("q");
  schedule_->charge(id('q'), 1);
  EXPECT_EQ(take("q"), "");
  add("Aa");
  park("a");  // not being sent
  schedule_->taken(id('a'));
  EXPECT_EQ(start(), "a");
  EXPECT_EQ(start(), "");
}

}  // namespace
}  // namespace trueque
