#include "peer_client/core/piece_picker.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>

namespace trueque {
namespace {

using PieceSpan = PiecePicker::Run;

// A drawing has a column a piece: '#' verified, '.' missing, a letter: the lane that
// fetches it. "##a.bb" is six pieces, two there, lane a at the third.
PiecePicker drawn(const std::string& drawing) {
  PiecePicker picker(drawing.size(), 0);
  for (std::size_t i = 0; i < drawing.size(); ++i) {
    if (drawing[i] == '#') picker.set_verified(i);
  }
  for (const char lane : {'a', 'b', 'c'}) {
    // Holding just what is drawn, so that it is given just that.
    std::vector<bool> held(drawing.size());
    for (std::size_t i = 0; i < drawing.size(); ++i) held[i] = drawing[i] == lane;
    const auto id = static_cast<PiecePicker::Lane>(lane);
    picker.add_lane(id, held);
    picker.pick(id, drawing.size());
  }
  for (const char lane : {'a', 'b', 'c'}) picker.set_held(static_cast<PiecePicker::Lane>(lane), {});
  return picker;
}

struct Row {
  const char* before;
  const char* speeds;  // pieces a second of lanes a, b, c; '-' is unknown
  std::uint64_t most;
  const char* then;  // what lane c is given, '^'; empty: nothing
};

TEST(PiecePicker, GivesNoSecondCopyWhereThereIsNoPlaceForOne) {
  PiecePicker picker = drawn("####a#");
  picker.set_speed('a', 1);
  picker.set_speed('c', 9);
  PiecePicker without = picker;
  without.forbid_copies();
  EXPECT_EQ(picker.pick('c', 9), (PieceSpan{4, 1, true}));
  EXPECT_EQ(without.pick('c', 9), std::nullopt);
}

TEST(PiecePicker, GivesWhatComesSoonest) {
  const Row rows[] = {
      // Free pieces first, from the start, as many as may be.
      {"......", "---", 9, "^^^^^^"},
      {"......", "---", 2, "^^    "},
      {"##....", "---", 9, "  ^^^^"},
      {"aaa...", "---", 9, "   ^^^"},
      {".#.#..", "---", 9, "^     "},
      // Nothing free: the tail of a run, shared by speed.
      {"aaaaaa", "111", 9, "   ^^^"},
      {"aaaaaa", "141", 9, "   ^^^"},
      {"aaaaaa", "114", 9, "  ^^^^"},
      {"aaaaaa", "411", 9, "     ^"},
      {"aaaaaa", "1-1", 1, "     ^"},
      // Of the run that would be finished last.
      {"aaabbb", "121", 9, "  ^   "},
      {"aabbbb", "111", 9, "    ^^"},
      {"aabbbb", "191", 9, " ^    "},
      // The piece under way is not taken, but fetched twice where that is sooner.
      {"####a#", "1-9", 9, "    ^ "},
      {"####a#", "--1", 9, "    ^ "},
      {"####a#", "1-1", 9, ""},
      {"####a#", "1-2", 9, ""},  // it is not sure to be
      {"####a#", "1--", 9, ""},
      {"####ab", "129", 9, "    ^ "},
      {"######", "111", 9, ""},
  };
  for (const Row& row : rows) {
    PiecePicker picker = drawn(row.before);
    for (std::size_t i = 0; i < 3; ++i) {
      if (row.speeds[i] != '-')
        picker.set_speed(static_cast<PiecePicker::Lane>("abc"[i]), row.speeds[i] - '0');
    }
    const std::optional<PieceSpan> run = picker.pick('c', row.most);
    std::string then;
    if (run) {
      then.assign(std::string(row.before).size(), ' ');
      for (std::uint64_t i = run->first; i < run->first + run->count; ++i) then[i] = '^';
    }
    EXPECT_EQ(then, row.then) << row.before << " at " << row.speeds;
  }
}

TEST(PiecePicker, ACopyGainsByWhatIsLeftOfThePiece) {
  for (const double seconds : {0.1, 5.0, std::numeric_limits<double>::infinity()}) {
    PiecePicker picker = drawn("####a#");
    picker.set_speed('a', 9);
    picker.set_speed('c', 1);
    picker.set_piece_left('a', seconds);
    EXPECT_EQ(picker.pick('c', 9).has_value(), seconds > 1) << seconds;
  }
}

TEST(PiecePicker, RarestFirst) {
  PiecePicker picker(6, 0);
  picker.add_lane('a');
  picker.add_lane('b', {true, true, false, true, false, true});
  picker.add_lane('c', {true, true, true, true, false, true});
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{4, 1}));  // a alone has it
  picker.finish('a', 4);
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{2, 1}));  // two have it
  EXPECT_EQ(picker.pick('b', 9), (PieceSpan{0, 2}));  // all three have these
}

TEST(PiecePicker, AskedOnlyForWhatIsHeld) {
  PiecePicker picker(4, 0);
  picker.add_lane('a', {false, false, true, false});
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{2, 1}));
  picker.finish('a', 2);
  EXPECT_EQ(picker.pick('a', 9), std::nullopt);
  picker.set_held('a', {false, true, true, true});
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{1, 1}));
}

TEST(PiecePicker, BeginsAtItsOriginAndGoesRound) {
  PiecePicker picker(5, 8);
  picker.add_lane('a');
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{3, 2}));
  picker.finish('a', 3);
  picker.finish('a', 4);
  EXPECT_EQ(picker.pick('a', 9), (PieceSpan{0, 3}));
}

TEST(PiecePicker, WhatALaneGivesBackIsFreeAgain) {
  PiecePicker picker = drawn("aaaa..");
  picker.finish('a', 0);
  picker.release('a');
  EXPECT_EQ(picker.pick('b', 9), (PieceSpan{1, 5}));
  picker.remove_lane('b');
  EXPECT_EQ(picker.pick('c', 9), (PieceSpan{1, 5}));
}

TEST(PiecePicker, ALaneWhoseTailWasCutStopsThere) {
  PiecePicker picker = drawn("aaaa");
  ASSERT_EQ(picker.pick('b', 9), (PieceSpan{2, 2}));
  picker.finish('a', 0);
  EXPECT_TRUE(picker.wanted('a', 1));
  picker.finish('a', 1);
  EXPECT_FALSE(picker.wanted('a', 2));
  EXPECT_TRUE(picker.wanted('b', 2));
}

TEST(PiecePicker, TheSlowerOfTwoCopiesIsNoLongerWanted) {
  PiecePicker picker = drawn("##a");
  picker.set_speed('c', 5);
  ASSERT_EQ(picker.pick('c', 9), (PieceSpan{2, 1, true}));
  EXPECT_EQ(picker.others_at('c', 2), std::vector<PiecePicker::Lane>{'a'});
  picker.set_speed('b', 9);
  EXPECT_EQ(picker.pick('b', 9), std::nullopt);  // never three
  picker.finish('c', 2);
  EXPECT_FALSE(picker.wanted('a', 2));
  EXPECT_TRUE(picker.complete());
}

// Two have the last piece, one of them as a copy of the other's, and nothing comes of either.
TEST(PiecePicker, HoweverManyAreSilentAPieceIsNotTheirsToKeep) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  PiecePicker picker = drawn("####a");
  picker.set_speed('a', 1);
  picker.set_speed('b', 5);
  ASSERT_EQ(picker.pick('b', 9), (PieceSpan{4, 1, true}));
  EXPECT_EQ(picker.pick('c', 9), std::nullopt) << "something may come of both";
  picker.set_piece_left('a', kNever);
  picker.set_piece_left('b', kNever);
  EXPECT_EQ(picker.pick('c', 9), (PieceSpan{4, 1, true}));
  picker.release('c');
  picker.set_piece_left('b', 1);
  EXPECT_EQ(picker.pick('c', 9), (PieceSpan{4, 1, true})) << "b alone is one copy";
  picker.release('c');
  picker.set_piece_left('a', 9);
  EXPECT_EQ(picker.pick('c', 9), std::nullopt) << "something comes of both";
}

// What must hold whatever happens, checked after each of many random events.
TEST(PiecePicker, RandomEventsNeverLoseOrDoubleAPiece) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    const std::uint64_t pieces = 1 + below(60);
    PiecePicker picker(pieces, random());
    std::map<PiecePicker::Lane, PieceSpan> runs;
    for (PiecePicker::Lane lane = 0; lane < 5; ++lane) picker.add_lane(lane);
    for (int step = 0; step < 5000 && !picker.complete(); ++step) {
      const auto lane = static_cast<PiecePicker::Lane>(below(5));
      picker.set_speed(lane, static_cast<double>(below(4)));
      const auto held = runs.find(lane);
      if (held == runs.end()) {
        if (const auto run = picker.pick(lane, 1 + below(9))) {
          ASSERT_LE(run->first + run->count, pieces);
          for (std::uint64_t i = 0; i < run->count; ++i)
            ASSERT_FALSE(picker.is_verified(run->first + i));
          runs[lane] = *run;
        }
      } else if (below(8) == 0) {
        picker.release(lane);
        runs.erase(held);
      } else if (!picker.wanted(lane, held->second.first)) {
        picker.release(lane);
        runs.erase(held);
      } else {
        const std::uint64_t piece = held->second.first++;
        picker.finish(lane, piece);
        ASSERT_TRUE(picker.is_verified(piece));
      }
      std::vector<int> wanted_by(pieces);
      for (PiecePicker::Lane each = 0; each < 5; ++each) {
        for (std::uint64_t piece = 0; piece < pieces; ++piece)
          wanted_by[piece] += picker.wanted(each, piece) ? 1 : 0;
      }
      for (const int count : wanted_by) ASSERT_LE(count, 2) << "seed " << seed;
    }
    EXPECT_TRUE(picker.complete()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trueque
