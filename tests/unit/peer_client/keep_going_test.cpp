// Downloads that have nobody to fetch from for a while, and those under a limit.
#include <future>

#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kMiB;

class KeepGoing : public testing::DownloaderFixture {
 protected:
  KeepGoing() {
    settings_.aside = [](const std::function<void()>& job) { job(); };
    wait_ = [this](milliseconds time, Cancellation&) {
      clock_.advance(time);
      if (on_wait_) on_wait_(clock_.steady() - started_);
    };
  }

  static Error unreachable() { return make_error(Code::kUnavailable, "cannot be reached"); }
  // The directory lists these, and notes when it was asked.
  Result<DownloadOutcome> fetch_listed(const std::vector<std::uint16_t>& at_first,
                                       const std::vector<std::uint16_t>& later) {
    DownloadRequest request{choice(at_first), std::nullopt};
    request.more_sources = [this, later] {
      asked_.push_back(clock_.steady() - started_);
      return choice(later).sources;
    };
    return fetch(request);
  }
  Clock::Steady::duration took() const { return clock_.steady() - started_; }

  Clock::Steady started_ = clock_.steady();
  std::function<void(Clock::Steady::duration)> on_wait_;
  std::vector<Clock::Steady::duration> asked_;
};

TEST_F(KeepGoing, WithNobodyLeftItWaitsAndThenSaysWhy) {
  const auto outcome = fetch({7});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_GE(took(), seconds(60));
  EXPECT_LE(took(), seconds(61));
  const std::string sentence =
      "waiting up to 60 s for a source of a.bin: peer7 (10.0.0.9:7) cannot be reached";
  EXPECT_EQ(std::count(notes_.notes.begin(), notes_.notes.end(), sentence), 1);
}

TEST_F(KeepGoing, ASourceThatReturnsIsAskedAgainWhileTheDirectoryIsDown) {
  honest(1).failure = unreachable();
  on_wait_ = [this](auto time) {
    if (time > seconds(40)) peer(1).failure.reset();
  };
  const auto outcome = fetch_listed({1}, {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_LE(took(), seconds(50));
  EXPECT_EQ(notes_.notes.back(), "going on with a.bin, from peer1 (10.0.0.9:1)");
}

TEST_F(KeepGoing, TheDirectoryIsAskedSoonThenSeldom) {
  settings_.transfer.wait = seconds(40);
  ASSERT_FALSE(fetch_listed({7}, {}).ok());
  ASSERT_GE(asked_.size(), 5U);
  const seconds wanted[] = {seconds(1), seconds(3), seconds(7), seconds(15), seconds(25)};
  for (std::size_t i = 0; i < std::size(wanted); ++i) {
    EXPECT_GE(asked_[i], wanted[i]) << i;
    EXPECT_LE(asked_[i], wanted[i] + milliseconds(500)) << i;
  }
}

TEST_F(KeepGoing, AnotherSourceTheDirectoryNamesGivesTheRest) {
  honest(1).stops_at = kMiB + 100;
  notes_.on_progress = [this](std::uint64_t done) {
    if (done >= kMiB) peer(1).failure = unreachable();
  };
  honest(2);
  const auto outcome = fetch_listed({1}, {1, 2});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(text("a.bin"), wanted());
  EXPECT_LE(took(), seconds(5));
}

TEST_F(KeepGoing, OneThatNoLongerHadTheFileIsAskedAgainWhenItIsListed) {
  const auto file = honest(1).files;
  peer(1).files.clear();
  on_wait_ = [this, file](auto time) {
    if (time > seconds(5)) peer(1).files = file;
  };
  const auto outcome = fetch_listed({1}, {1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
}

TEST_F(KeepGoing, OneThatNoLongerHasTheFileIsNotAskedAgainUnlisted) {
  honest(1).files.clear();
  const auto outcome = fetch_listed({1}, {});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kNotFound);
  EXPECT_EQ(peer(1).stats, 1);
}

TEST_F(KeepGoing, ADirectoryThatHangsHoldsUpNoDownloadThatIsThrough) {
  Aside asking;
  settings_.aside = [&asking](std::function<void()> job) { asking.run(std::move(job)); };
  std::promise<void> answers;
  const std::shared_future<void> answer = answers.get_future();
  honest(1).failure = unreachable();
  on_wait_ = [this](auto time) {
    if (time > seconds(5)) peer(1).failure.reset();
  };
  DownloadRequest request{choice({1}), std::nullopt};
  request.more_sources = [answer] {
    answer.wait();
    return std::vector<FileSource>();
  };
  EXPECT_TRUE(fetch(request).ok());
  answers.set_value();
}

TEST_F(KeepGoing, SourcesThatAreAlwaysBeingAskedInVainAreWaitedForToo) {
  settings_.transfer.max_sources = 2;
  settings_.transfer.wait = seconds(30);
  for (const std::uint16_t port : {std::uint16_t{7}, std::uint16_t{8}}) {
    peer(port).failure = unreachable();
    peer(port).time_per_call = seconds(5);
  }
  ASSERT_FALSE(fetch({7, 8}).ok());
  EXPECT_LE(took(), seconds(60));
  const auto told = std::count_if(notes_.notes.begin(), notes_.notes.end(), [](const auto& note) {
    return note.starts_with("waiting up to 30 s for a source of a.bin: ");
  });
  EXPECT_EQ(told, 1);
}

TEST(AsideTest, RunsInOrderAndItsEndWaitsForTheJobUnderWay) {
  std::vector<int> done;
  std::promise<void> begun;
  {
    Aside aside;
    aside.run([&] { done.push_back(1); });
    aside.run([&] {
      begun.set_value();
      done.push_back(2);
    });
    begun.get_future().wait();
  }
  EXPECT_EQ(done, (std::vector<int>{1, 2}));
}

TEST_F(KeepGoing, LiarsStayOutAndAreNotWaitedFor) {
  honest(1).fetch_lie = [](auto& bytes, auto) { ++bytes[5]; };
  const auto outcome = fetch_listed({1}, {1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kDataLoss);
  EXPECT_LE(took(), seconds(1));
  EXPECT_EQ(peer(1).fetches, 1);
}

TEST_F(KeepGoing, ALiarBesideOneThatCannotBeReachedIsWaitedForAndIsALie) {
  honest(1).fetch_lie = [](auto& bytes, auto) { ++bytes[5]; };
  const auto outcome = fetch({1, 7});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kDataLoss);
  EXPECT_GE(took(), seconds(60));
}

// It knows FileTransfer: its sentence would stand for a file that is there.
TEST_F(KeepGoing, OneThatRefusesToSendWhatItToldOfIsNoOriginalServer) {
  honest(1).fetch_failure = make_error(Code::kUnimplemented, "cannot send files");
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok()) << outcome->message;
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_GE(took(), seconds(60));
  peer(1).without_file_transfer = true;
  const auto old = fetch({1});
  ASSERT_TRUE(old.ok()) << old.error().message;
  EXPECT_EQ(old->result, DownloadOutcome::Result::kPlaceholder);
}

TEST_F(KeepGoing, AFreshDownloadWaitsAsLongForASourceThatGoesBeforeItsFirstPiece) {
  for (const bool told : {false, true}) {
    started_ = clock_.steady();
    honest(1).time_per_call = seconds(5);  // as long as an attempt to connect
    (told ? peer(1).fetch_failure : peer(1).failure) = unreachable();
    on_wait_ = [this](auto time) {
      if (time > seconds(45)) peer(1).failure = peer(1).fetch_failure = std::nullopt;
    };
    const auto outcome = fetch_listed({1}, {1});
    ASSERT_TRUE(outcome.ok()) << told << outcome.error().message;
    std::filesystem::remove(folder_.file("a.bin"));
  }
}

TEST_F(KeepGoing, AnotherSizeIsTriedBeforeAnybodyIsWaitedFor) {
  FileChoice both = choice({7, 8, 1});
  both.sources[0].file.content->size += kMiB;
  both.sources[1].file.content->size += kMiB;
  honest(1);
  const auto outcome = fetch({both, std::nullopt});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_LE(took(), seconds(4));
}

TEST_F(KeepGoing, AWaitThatIsLongerThanAMinuteIsWaited) {
  settings_.transfer.wait = seconds(300);
  honest(1).failure = unreachable();
  on_wait_ = [this](auto time) {
    if (time > seconds(250)) peer(1).failure.reset();
  };
  ASSERT_TRUE(fetch({1}).ok());
}

TEST_F(KeepGoing, ALimitIsKeptAndIsNobodysFault) {
  TokenBucket limit = download_limit(clock_, 20'000);  // a piece takes most of a minute
  settings_.limit = &limit;
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const double least = static_cast<double>(bytes_.size() - 5'000) / 20'000;
  EXPECT_GE(std::chrono::duration<double>(took()).count(), least);
  EXPECT_LE(std::chrono::duration<double>(took()).count(), least * 1.02);
  EXPECT_EQ(notes_.report.wasted, 0U);
  EXPECT_EQ(notes_.notes, std::vector<std::string>());
}

TEST_F(KeepGoing, UnderALimitOnlyAPortionIsAskedForAtATime) {
  TokenBucket limit = download_limit(clock_, 100'000);
  settings_.limit = &limit;
  honest(1);
  ASSERT_TRUE(fetch({1}).ok());
  for (std::size_t i = 1; i < peer(1).offsets.size(); ++i)
    EXPECT_LE(peer(1).offsets[i] - peer(1).offsets[i - 1], 25'000U) << i;
}

TEST_F(KeepGoing, ADripIsCutOffUnderALimitToo) {
  TokenBucket limit = download_limit(clock_, 1'000'000);
  settings_.limit = &limit;
  honest(1).chunk = 1;
  peer(1).time_per_chunk = seconds(10);
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_LE(took(), seconds(180));
}

}  // namespace
}  // namespace trueque
