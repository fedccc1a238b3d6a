#include "peer_server/core/announcer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <set>

#include "peer_server/core/announcer_thread.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeDirectoryClient;
using testing::ManualClock;

// A directory whose calls are noted, some of them failing as told.
class RecordingDirectory final : public DirectoryClient {
 public:
  Result<LoginReply> log_in(const Credentials& credentials, const std::string& ip,
                            std::uint16_t port) override {
    calls.push_back("login");
    if (const auto failure = take_failure()) return *failure;
    Result<LoginReply> reply = inner.log_in(credentials, ip, port);
    if (reply && original) {
      reply->token.clear();
      reply->files.reset();
    }
    return reply;
  }
  Status log_out(const std::string& token, const PeerKey& peer) override {
    calls.push_back("logout");
    return inner.log_out(token, peer);
  }
  Result<std::optional<std::uint64_t>> index_files(const std::string& token, const PeerKey& peer,
                                                   std::span<const SharedFile> files,
                                                   IndexMode mode) override {
    const char* names[] = {"add", "replace", "remove"};
    calls.push_back(names[static_cast<int>(mode)] + (" " + std::to_string(files.size())));
    if (const auto failure = take_failure()) return *failure;
    for (const SharedFile& file : files) {
      if (file.name == refused_name)
        return make_error(Code::kInvalidArgument, "the name is not accepted");
      if (original && file.content) return make_error(Code::kInternal, "plain names only");
    }
    if (original) return std::optional<std::uint64_t>();
    return inner.index_files(token, peer, files, mode);
  }
  Result<HeartbeatReply> heartbeat(const std::string& token, const PeerKey& peer) override {
    calls.push_back("heartbeat");
    if (const auto failure = take_failure()) return *failure;
    return inner.heartbeat(token, peer);
  }
  Result<std::vector<FileSource>> find_by_name(const std::string&, const std::string&,
                                               std::uint32_t) override {
    return std::vector<FileSource>();
  }
  Result<std::vector<FileSource>> find_by_content(const std::string&, const ContentId&,
                                                  std::uint32_t) override {
    return std::vector<FileSource>();
  }
  Result<FoundPage> find_files(const std::string&, const FileQuery&) override {
    return FoundPage();
  }
  Result<SwarmReply> join_swarm(const std::string&, const PeerKey&, const Content&) override {
    return SwarmReply();
  }
  Status leave_swarm(const std::string&, const PeerKey&, const Content&) override { return {}; }
  Result<SearchPage> search(const std::string&, const std::string&, std::uint32_t,
                            const std::string&) override {
    return SearchPage();
  }
  Result<std::vector<PeerSummary>> peers(const std::string&) override {
    return std::vector<PeerSummary>();
  }

  std::vector<std::string> take_calls() { return std::exchange(calls, {}); }

  FakeDirectoryClient inner;
  std::vector<std::string> calls;
  std::deque<Error> failures;  // of the next calls
  std::string refused_name;
  bool original = false;

 private:
  std::optional<Error> take_failure() {
    if (failures.empty()) return std::nullopt;
    Error failure = failures.front();
    failures.pop_front();
    return failure;
  }
};

SharedFile shared(const std::string& name, std::uint8_t content = 1) {
  ContentId id;
  id.bytes.fill(content);
  return {name, Content{content, id}};
}

using Calls = std::vector<std::string>;

class AnnouncerTest : public ::testing::Test {
 protected:
  // Steps as the thread would, without time passing.
  void settle() {
    while (announcer_.step() <= clock_.steady()) {
    }
  }
  void pass(milliseconds time) {
    clock_.advance(time);
    settle();
  }
  // How long the announcer wants to be left alone.
  seconds wait() { return std::chrono::round<seconds>(announcer_.step() - clock_.steady()); }
  void change(const std::vector<FolderChange>& changes) {
    announcer_.note_changes(changes);
    pass(milliseconds(100));
  }
  std::vector<std::string> in_directory() const {
    std::vector<std::string> names;
    for (const SharedFile& file : directory_.inner.files_of({"ana", "10.0.0.1", 50051}))
      names.push_back(file.name);
    return names;
  }

  std::vector<SharedFile> page(std::size_t& from, std::size_t limit) {
    std::vector<SharedFile> page;
    for (; from < folder_.size() && page.size() < limit; ++from) page.push_back(folder_[from]);
    most_taken_ = std::max(most_taken_, page.size());
    return page;
  }
  FolderSummary summary() const {
    FolderSummary summary{folder_.size(), {}, is_settled_};
    for (const SharedFile& file : folder_) summary.digest.toggle(file.name, file.content);
    return summary;
  }
  // As an earlier start of this peer left them there, and others beside it.
  void put_in_directory(const std::vector<SharedFile>& files) {
    for (const SharedFile& file : files) directory_.inner.add({"ana", "10.0.0.1", 50051}, file);
  }

  Log log_{LogLevel::kOff, LogFormat::kText};
  ManualClock clock_;
  RecordingDirectory directory_;
  bool is_settled_ = true;
  std::vector<SharedFile> folder_ = {shared("a"), shared("b")};
  std::size_t most_taken_ = 0;  // at once
  double random_ = 1.0;
  Announcer announcer_{{{"ana", "secret"}, "10.0.0.1", 50051},
                       directory_,
                       {[this](std::size_t& from, std::size_t limit) { return page(from, limit); },
                        [this] { return summary(); }},
                       clock_,
                       [this] { return random_; },
                       log_};
};

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

TEST_F(AnnouncerTest, StartsOverWhenTheDirectoryForgotIt) {
  settle();
  directory_.take_calls();
  directory_.inner.forget_peers();
  folder_.push_back(shared("c"));
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "login", "heartbeat", "replace 3"}));
  directory_.inner.forget_peers();
  change({{"c", std::nullopt}});
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "login", "heartbeat", "replace 3"}));
}

TEST_F(AnnouncerTest, ADirectoryThatForgetsAtEveryTurnIsNotHammered) {
  for (int i = 0; i < 40; ++i) {
    directory_.failures.push_back(make_error(Code::kUnavailable, "down"));
  }
  settle();
  directory_.failures.clear();
  pass(seconds(60));
  directory_.take_calls();
  int calls = 0;
  for (int second = 0; second < 120; ++second) {
    directory_.inner.forget_peers();
    directory_.failures.assign(1, make_error(Code::kUnauthenticated, "who are you"));
    pass(seconds(1));
    calls += static_cast<int>(directory_.take_calls().size());
  }
  EXPECT_LT(calls, 60);
}

TEST_F(AnnouncerTest, WaitsLongerAndLongerWhileTheDirectoryIsAway) {
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) {
    const seconds next = wait();
    waits.push_back(next.count());
    clock_.advance(next);
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60}));
  directory_.inner.fail_with(std::nullopt);
  directory_.take_calls();
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "heartbeat", "replace 2"}));
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  clock_.advance(seconds(15));
  announcer_.step();
  EXPECT_EQ(wait(), seconds(1));  // it was there in between
}

TEST_F(AnnouncerTest, HalfOfAWaitIsChance) {
  random_ = 0.0;
  directory_.inner.fail_with(make_error(Code::kUnavailable, "down"));
  EXPECT_EQ(announcer_.step() - clock_.steady(), milliseconds(500));
}

TEST_F(AnnouncerTest, AShortOutageLosesNothing) {
  settle();
  directory_.take_calls();
  directory_.failures = {make_error(Code::kUnavailable, "down"),
                         make_error(Code::kUnavailable, "down")};
  change({{"c", shared("c").content}, {"a", std::nullopt}});
  EXPECT_EQ(directory_.take_calls(), Calls{"remove 1"});
  pass(seconds(1));
  pass(seconds(2));
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "remove 1", "add 1"}));
  EXPECT_EQ(in_directory(), (Calls{"b", "c"}));
}

TEST_F(AnnouncerTest, WaitsAsLongAsTheDirectorySays) {
  Error busy = make_error(Code::kResourceExhausted, "too many wrong passwords");
  busy.retry_after = seconds(240);
  directory_.failures = {busy};
  EXPECT_EQ(wait(), seconds(240));
  pass(seconds(239));
  EXPECT_EQ(directory_.take_calls(), Calls{"login"});
  pass(seconds(1));
  EXPECT_TRUE(announcer_.logged_in());
}

TEST_F(AnnouncerTest, AWrongPasswordIsTriedAgainSlowly) {
  ASSERT_TRUE(directory_.inner.log_in({"ana", "other"}, "10.0.0.9", 1).ok());
  EXPECT_EQ(wait(), seconds(60));
  clock_.advance(seconds(60));
  EXPECT_EQ(wait(), seconds(60));
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "login"}));
}

TEST_F(AnnouncerTest, LeavesOutOnlyTheFileTheDirectoryWillNotTake) {
  directory_.refused_name = "file5";
  folder_.clear();
  for (int i = 0; i < 8; ++i) folder_.push_back(shared("file" + std::to_string(i)));
  settle();
  EXPECT_EQ(in_directory(), (Calls{"file0", "file1", "file2", "file3", "file4", "file6", "file7"}));
  // Nor is it missed: neither by a heartbeat nor after another login.
  directory_.take_calls();
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), Calls{"heartbeat"});
  directory_.failures = {make_error(Code::kUnauthenticated, "who are you")};
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"heartbeat", "login", "heartbeat"}));
  // Gone from the folder it is none of those left out any more.
  folder_.erase(folder_.begin() + 5);
  change({{"file5", std::nullopt}});
  directory_.failures = {make_error(Code::kUnauthenticated, "who are you")};
  pass(seconds(15));
  EXPECT_EQ(directory_.take_calls(), (Calls{"remove 1", "heartbeat", "login", "heartbeat"}));
}

TEST_F(AnnouncerTest, AnOriginalDirectoryGetsPlainNamesAndNoHeartbeats) {
  directory_.original = true;
  settle();
  EXPECT_EQ(directory_.take_calls(), (Calls{"login", "add 2"}));
  change({{"a", std::nullopt}, {"c", shared("c").content}});
  EXPECT_EQ(directory_.take_calls(), Calls{"add 1"});
  pass(seconds(300));
  EXPECT_EQ(directory_.take_calls(), Calls{});
}

TEST_F(AnnouncerTest, LogsOutOnlyWhenLoggedIn) {
  announcer_.log_out();
  EXPECT_EQ(directory_.take_calls(), Calls{});
  settle();
  announcer_.log_out();
  EXPECT_FALSE(directory_.inner.knows({"ana", "10.0.0.1", 50051}));
}

TEST(AnnouncerThread, StopsAtOnceAndLogsOut) {
  const Log log(LogLevel::kOff, LogFormat::kText);
  const SystemClock clock;
  FakeDirectoryClient directory;
  std::mutex mutex;
  std::condition_variable asked;
  bool page_taken = false;
  Announcer announcer(
      {{"ana", "secret"}, "10.0.0.1", 50051}, directory,
      {[&](std::size_t&, std::size_t) {
         const std::lock_guard lock(mutex);
         page_taken = true;
         asked.notify_all();
         return std::vector<SharedFile>{shared("a")};
       },
       [] { return FolderSummary(); }},
      clock, [] { return 0.0; }, log);
  AnnouncerThread thread(announcer, clock, log);
  thread.start();
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(asked.wait_for(lock, seconds(20), [&] { return page_taken; }));
  }
  EXPECT_TRUE(thread.stop(seconds(20)));
  EXPECT_FALSE(directory.knows({"ana", "10.0.0.1", 50051}));
  EXPECT_EQ(directory.logins(), 1);
}

}  // namespace
}  // namespace trueque
