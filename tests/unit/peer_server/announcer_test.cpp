// What a peer-server tells its directory of the folder, and when.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/peer_server/announcer_fixture.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AnnouncerTest;
using testing::Calls;
using testing::shared;

TEST_F(AnnouncerTest, LogsInTakesALeaseAndAnnouncesTheFolder) {
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 2"}));
  EXPECT_EQ(in_directory(), (Calls{"a", "b"}));
  EXPECT_EQ(directory_.inner.files_of({"ana", "10.0.0.1", 50051}), folder_);
}

TEST_F(AnnouncerTest, AnEmptyFolderReplacesWhatWasThere) {
  folder_.clear();
  put_in_directory({shared("old")});
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 0"}));
  EXPECT_EQ(in_directory(), Calls{});
}

TEST_F(AnnouncerTest, SaysNothingToADirectoryThatHasAll) {
  put_in_directory(folder_);
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat"}));
  // Of one that changes, that alone.
  folder_.push_back(shared("c"));
  change({{"c", folder_.back().content}});
  EXPECT_EQ(directory_.take_calls(), Calls{"add 1"});
}

TEST_F(AnnouncerTest, SaysNothingOfNoFilesToADirectoryThatHasNone) {
  folder_.clear();
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat"}));
}

TEST_F(AnnouncerTest, AnnouncesAllWhereTheDirectoryHasAnythingElse) {
  const std::vector<std::vector<SharedFile>> others = {
      {shared("a")},
      {shared("a"), shared("b", 2)},
      {shared("a"), {"b", std::nullopt}},
      {shared("a"), shared("b"), shared("c")},
  };
  for (const std::vector<SharedFile>& files : others) {
    directory_.inner.forget_peers();
    put_in_directory(files);
    announcer_.log_out();
    put_in_directory(files);
    settle();
    EXPECT_EQ(directory_.take_calls().back(), "replace 2");
    EXPECT_EQ(directory_.inner.files_of({"ana", "10.0.0.1", 50051}), folder_);
  }
}

TEST_F(AnnouncerTest, ADirectoryThatDoesNotSayWhatItHasIsToldAll) {
  directory_.inner.tell_nothing_of_files();
  put_in_directory(folder_);
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 2"}));
}

TEST_F(AnnouncerTest, WaitsUntilItKnowsItsFolderBeforeItCompares) {
  put_in_directory({shared("a"), shared("b"), shared("c")});
  is_settled_ = false;
  settle();
  for (const char* name : {"b", "c"}) {
    announcer_.note_changes({{name, shared(name).content}});
    pass(seconds(5));
  }
  folder_.push_back(shared("c"));
  is_settled_ = true;
  pass(seconds(1));
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat"}));
  pass(seconds(4));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"}) << "nothing is left to be told";
}

TEST_F(AnnouncerTest, DoesNotWaitForEverForItsFolder) {
  put_in_directory({shared("old")});
  is_settled_ = false;
  for (int i = 0; i < 58; ++i) pass(seconds(1));
  EXPECT_EQ(directory_.take_calls(),
            (Calls{"login", "heartbeat", "heartbeat", "heartbeat", "heartbeat"}));
  EXPECT_EQ(in_directory(), Calls{"old"});
  for (int i = 0; i < 4; ++i) pass(seconds(1));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "replace 2"}));
}

TEST_F(AnnouncerTest, DoesNotWaitForItsFolderWhereTheDirectoryHasNothing) {
  is_settled_ = false;
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 2"}));
}

TEST_F(AnnouncerTest, WhatTheDirectoryLostIsAddedAgainAndNothingElseGoes) {
  settle();
  put_in_directory({{"menu", std::nullopt}});
  pass(seconds(15));
  directory_.take_calls();
  directory_.inner.lose({"ana", "10.0.0.1", 50051}, "a");
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"}) << "as many as there should be";
  directory_.inner.lose({"ana", "10.0.0.1", 50051}, "b");
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "add 2"}));
  EXPECT_EQ(in_directory(), (Calls{"a", "b", "menu"}));
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
}

TEST_F(AnnouncerTest, WhatIsOnItsWayIsNoLoss) {
  settle();
  directory_.take_calls();
  folder_.push_back(shared("c"));
  clock_.advance(seconds(15));
  announcer_.note_changes({{"c", folder_.back().content}});
  settle();
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
  pass(milliseconds(100));
  EXPECT_EQ(directory_.take_calls(), Calls{"add 1"});
  folder_.push_back(shared("d"));  // of which nobody was told yet
  is_settled_ = false;
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
}

TEST_F(AnnouncerTest, ADirectoryThatKeepsLessIsNotToldAllAgainAndAgain) {
  settle();
  directory_.take_calls();
  std::size_t added = 0;
  for (int i = 0; i < 10; ++i) {
    directory_.inner.lose({"ana", "10.0.0.1", 50051}, "a");
    pass(seconds(15));
    for (const std::string& call : directory_.take_calls()) added += call == "add 2" ? 1 : 0;
  }
  EXPECT_EQ(added, 1U);
}

TEST_F(AnnouncerTest, TakesALargeFolderAPageAtATime) {
  folder_.clear();
  for (int i = 0; i < 25'000; ++i) folder_.push_back(shared(std::to_string(i)));
  settle();
  EXPECT_EQ(directory_.take_calls(),
            (Calls{"login", "heartbeat", "replace 10000", "add 10000", "add 5000"}));
  EXPECT_EQ(in_directory().size(), 25'000U);
  EXPECT_EQ(most_taken_, Announcer::kMaxBatchFiles);
  folder_.resize(20'000);  // full pages only
  directory_.inner.forget_peers();
  pass(seconds(30));
  EXPECT_EQ(in_directory().size(), 20'000U);
}

TEST_F(AnnouncerTest, WhatChangesBetweenTwoPagesIsToldAfterThem) {
  folder_.clear();
  for (int i = 0; i < 25'000; ++i) folder_.push_back(shared(std::to_string(i)));
  while (directory_.calls.empty() || directory_.calls.back() != "replace 10000") announcer_.step();
  // One that was told and one that will be, gone; another, in the place of the first.
  announcer_.note_changes({{"7", std::nullopt}, {"24999", std::nullopt}, {"new", Content{}}});
  folder_[7].name = "new";
  folder_.pop_back();
  pass(milliseconds(100));
  std::set<std::string> expected;
  for (const SharedFile& file : folder_) expected.insert(file.name);
  const std::vector<std::string> told = in_directory();
  EXPECT_EQ(std::set<std::string>(told.begin(), told.end()), expected);
}

TEST_F(AnnouncerTest, MoreThanItRemembersIsReadFromTheFolder) {
  settle();
  directory_.take_calls();
  std::vector<FolderChange> joined;
  for (int i = 0; i < 45'000; ++i) {
    folder_.push_back(shared(std::to_string(i)));
    joined.push_back({folder_.back().name, folder_.back().content});
  }
  announcer_.note_changes(joined);
  folder_.erase(folder_.begin());
  change({{"a", std::nullopt}});
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "add 10000", "add 10000", "add 10000",
                                            "add 10000", "add 10000", "add 10000", "add 5001"}));
  EXPECT_EQ(in_directory().size(), folder_.size());
  // Once: what joins afterwards is told as ever.
  folder_.push_back(shared("late"));
  change({{"late", folder_.back().content}});
  EXPECT_EQ(directory_.take_calls(), (Calls{"add 1"}));
}

TEST_F(AnnouncerTest, KeepsItsLeaseAtTheDirectorysPace) {
  directory_.inner.set_terms({seconds(20), seconds(60)});
  settle();
  directory_.take_calls();
  EXPECT_EQ(wait(), seconds(20));
  pass(seconds(19));
  EXPECT_EQ(directory_.take_calls(), Calls{});
  directory_.inner.set_terms({seconds(5), seconds(15)});
  pass(seconds(1));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
  EXPECT_EQ(wait(), seconds(5));
}

TEST_F(AnnouncerTest, SendsOnlyWhatChangedAndOnlyTheLastOfIt) {
  settle();
  directory_.take_calls();
  announcer_.note_changes({{"a", std::nullopt}, {"c", shared("c").content}});
  announcer_.note_changes({{"d", shared("d").content}, {"c", std::nullopt}});
  announcer_.note_changes({{"c", shared("c", 7).content}});
  settle();
  EXPECT_EQ(directory_.take_calls(), Calls{});  // more may follow at once
  pass(milliseconds(100));
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "add 2"}));
  EXPECT_EQ(in_directory(), (Calls{"b", "c", "d"}));
  EXPECT_EQ(directory_.inner.files_of({"ana", "10.0.0.1", 50051})[1], shared("c", 7));
}

TEST_F(AnnouncerTest, CutsALargeFolderIntoBatches) {
  folder_.clear();
  for (int i = 0; i < 25'000; ++i) folder_.push_back(shared("file" + std::to_string(i)));
  settle();
  EXPECT_EQ(directory_.take_calls(),
            (Calls{"login", "heartbeat", "replace 10000", "add 10000", "add 5000"}));
  EXPECT_EQ(in_directory().size(), 25'000U);
}

TEST_F(AnnouncerTest, CutsBatchesOfLongNamesByTheirBytes) {
  folder_.clear();
  const std::string folder = std::string(250, 'x') + "/" + std::string(250, 'y') + "/" +
                             std::string(250, 'z') + "/" + std::string(200, 'w');
  for (int i = 0; i < 5'000; ++i) folder_.push_back(shared(folder + std::to_string(i)));
  settle();
  const Calls calls = directory_.take_calls();
  EXPECT_EQ(calls.size(), 4U);  // two batches of about 3,000
  EXPECT_EQ(in_directory().size(), 5'000U);
}

TEST_F(AnnouncerTest, TheLeaseIsKeptBetweenBatches) {
  folder_.clear();
  for (int i = 0; i < 25'000; ++i) folder_.push_back(shared("file" + std::to_string(i)));
  for (int i = 0; i < 3; ++i) announcer_.step();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 10000"}));
  clock_.advance(seconds(15));
  announcer_.step();
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"add 10000", "add 5000"}));
}

}  // namespace
}  // namespace trueque
