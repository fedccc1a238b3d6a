#include "server/storage/snapshot/snapshot_schedule.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = Clock::Steady;

constexpr std::uint64_t kMiB = 1024 * 1024;
const Time kStart{std::chrono::hours(1)};

TEST(SnapshotSchedule, NothingNewNeedsNoSnapshot) {
  SnapshotSchedule schedule;
  EXPECT_FALSE(schedule.due());
  schedule.journal_has(100, kStart);
  schedule.began();
  schedule.succeeded(milliseconds(1), 100);
  EXPECT_FALSE(schedule.due());
}

TEST(SnapshotSchedule, TheOldestChangeWaitsForAHundredTimesWhatOneTakes) {
  const struct {
    milliseconds took;
    seconds patience;
  } rows[] = {{milliseconds(0), seconds(1)},
              {milliseconds(9), seconds(1)},
              {milliseconds(150), seconds(15)},
              {seconds(20), seconds(300)}};
  for (const auto& row : rows) {
    SnapshotSchedule schedule;
    schedule.succeeded(row.took, 1);
    schedule.journal_has(100, kStart);
    schedule.journal_has(200, kStart + seconds(1));
    EXPECT_EQ(schedule.due(), kStart + row.patience) << row.took.count();
  }
}

TEST(SnapshotSchedule, AJournalThatOutgrowsTheSnapshotIsCutAtOnce) {
  SnapshotSchedule schedule;
  schedule.succeeded(seconds(20), 100 * kMiB);
  schedule.journal_has(50 * kMiB, kStart);
  EXPECT_EQ(schedule.due(), kStart + seconds(300));
  schedule.journal_has(50 * kMiB + 1, kStart + seconds(2));
  EXPECT_EQ(schedule.due(), kStart);
  SnapshotSchedule small;
  small.succeeded(seconds(20), 1000);
  small.journal_has(8 * kMiB, kStart);
  EXPECT_EQ(small.due(), kStart + seconds(300)) << "but not for a few bytes";
  small.journal_has(8 * kMiB + 1, kStart);
  EXPECT_EQ(small.due(), kStart);
}

TEST(SnapshotSchedule, WhatComesWhileOneIsWrittenIsForTheNext) {
  SnapshotSchedule schedule;
  schedule.journal_has(100, kStart);
  schedule.began();
  EXPECT_FALSE(schedule.due());
  schedule.journal_has(50, kStart + seconds(3));
  schedule.succeeded(milliseconds(1), 100);
  EXPECT_EQ(schedule.due(), kStart + seconds(4));
}

TEST(SnapshotSchedule, AfterAFailureItIsTriedAgainABitLater) {
  SnapshotSchedule schedule;
  schedule.journal_has(100, kStart);
  for (const int pause : {5, 10, 20, 40, 80, 160, 300, 300}) {
    schedule.began();
    schedule.failed(kStart + seconds(2));
    EXPECT_EQ(schedule.due(), kStart + seconds(2 + pause));
  }
  schedule.began();
  schedule.succeeded(milliseconds(1), 100);
  EXPECT_FALSE(schedule.due());
  schedule.journal_has(100, kStart);
  schedule.began();
  schedule.failed(kStart + seconds(2));
  EXPECT_EQ(schedule.due(), kStart + seconds(7)) << "the pauses begin anew";
}

}  // namespace
}  // namespace trueque
