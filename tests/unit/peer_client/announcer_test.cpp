#include "peer_client/core/announcer.h"

#include <gtest/gtest.h>

#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_peers.h"

namespace trueque {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kGiB = 1024UL * 1024 * 1024;

class Notes final : public DownloadObserver {
 public:
  void progress(std::uint64_t, std::uint64_t) override {}
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  std::vector<std::string> notes;
};

class ClientAnnouncer : public ::testing::Test {
 protected:
  ClientAnnouncer() {
    EXPECT_TRUE(session_.log_in({"ana", "secret"}, "10.0.0.1", 50051).ok());
    outcome_.shared_name = outcome_.file_name = "a.bin";
    outcome_.content = Content{10, id_};
  }
  std::optional<std::string> announce() {
    Announcer announcer(session_, peers_, clock_, wait_, beside_, seconds(6));
    const Clock::Steady before = clock_.steady();
    const DownloadOutcome* outcome = &outcome_;
    std::optional<std::string> sentence =
        announcer.announce(std::span(&outcome, 1), cancellation_, notes_);
    took_ = clock_.steady() - before;
    return sentence;
  }
  // "still hashing" so many times, for ever with -1.
  void hashes(int times) {
    server().failure =
        Error{Code::kUnavailable, "still being hashed", std::chrono::milliseconds(1000)};
    server().failures_left = times;
  }
  testing::FakePeer& server() { return peers_.at(beside_); }
  bool indexed() const { return directory_.files_of({"ana", "10.0.0.1", 50051}).size() == 1; }

  testing::ManualClock clock_;
  testing::FakePeers peers_{clock_};
  testing::FakeDirectoryClient directory_;
  Session session_{directory_};
  Waiter wait_ = [this](std::chrono::milliseconds time, Cancellation&) { clock_.advance(time); };
  const PeerEndpoint beside_{"127.0.0.1", 50051};
  testing::FakePeer elsewhere_;
  const ContentId id_ = elsewhere_.add("a.bin", testing::some_bytes(10));
  DownloadOutcome outcome_;
  Cancellation cancellation_;
  Notes notes_;
  Clock::Steady::duration took_{};
};

TEST_F(ClientAnnouncer, WaitsWhileTheFileIsHashedAsLongAsItsSizeTakes) {
  server().add("a.bin", testing::some_bytes(10));
  outcome_.content->size = 10 * kGiB;
  hashes(4 * 200);  // four looks a second
  EXPECT_EQ(announce(), std::nullopt);
  EXPECT_TRUE(indexed());
  EXPECT_EQ(took_, seconds(200));
  EXPECT_EQ(notes_.notes,
            std::vector<std::string>{"waiting for the peer-server beside you to hash it"});
}

TEST_F(ClientAnnouncer, TheMomentToSeeTheFileBeginsAfterOthersWereHashed) {
  hashes(4 * 5);
  outcome_.content->size = kGiB;
  const Clock::Steady start = clock_.steady();
  wait_ = [this, start](std::chrono::milliseconds time, Cancellation&) {
    clock_.advance(time);
    if (clock_.steady() - start >= seconds(10) && server().files.empty())
      server().add("a.bin", testing::some_bytes(10));
  };
  EXPECT_EQ(announce(), std::nullopt);
  EXPECT_EQ(took_, seconds(10));
}

// The peer-server has not noticed yet that the file is there again.
TEST_F(ClientAnnouncer, AFileThatWasAnotherJustNowIsWaitedFor) {
  server().add("a.bin", testing::some_bytes(10));
  server().failure = make_error(Code::kFailedPrecondition, "changed since it was hashed");
  server().failures_left = 4;
  EXPECT_EQ(announce(), std::nullopt);
  EXPECT_TRUE(indexed());
  EXPECT_EQ(took_, seconds(1));
}

struct Row {
  const char* name;
  std::uint64_t size;
  std::function<void(testing::FakePeer&)> is;
  const char* says;
  seconds at_most;
};

const Row kRows[] = {
    {"hashing for ever", 10,
     [](testing::FakePeer& p) {
       p.failure = Error{Code::kUnavailable, "hashing", std::chrono::milliseconds(1)};
     },
     "runs and is still hashing. When it has a [directory], it announces the file by itself; else "
     "index a.bin later.",
     seconds(7)},
    {"another folder", 100 * kGiB, [](testing::FakePeer&) {}, "does not share it", seconds(7)},
    {"hangs", 100 * kGiB,
     [](testing::FakePeer& p) {
       p.time_per_call = seconds(6);
       p.failure = make_error(Code::kDeadlineExceeded, "does not answer");
     },
     "does not answer in time; restart it", seconds(6)},
    {"is not there", 100 * kGiB,
     [](testing::FakePeer& p) { p.failure = make_error(Code::kUnavailable, "refused"); },
     "does not answer (refused); start it", seconds(0)},
};

TEST_F(ClientAnnouncer, SaysWhatIsTrueWhenPatienceEnds) {
  for (const Row& row : kRows) {
    outcome_.content->size = row.size;
    server() = {};
    row.is(server());
    const std::string sentence = announce().value_or("indexed");
    EXPECT_NE(sentence.find(row.says), std::string::npos) << row.name << ": " << sentence;
    EXPECT_LE(took_, row.at_most) << row.name;
    EXPECT_FALSE(indexed()) << row.name;
  }
}

TEST_F(ClientAnnouncer, ChecksWhatIsListedForAMoment) {
  std::vector<SharedFile> files(100, {"a.bin", Content{10, id_}});
  const auto check = [&] {
    const Clock::Steady before = clock_.steady();
    Announcer announcer(session_, peers_, clock_, wait_, beside_, seconds(6));
    const auto sentence = announcer.check_listed(files, cancellation_, notes_);
    took_ = clock_.steady() - before;
    return sentence.value_or("served");
  };
  server().add("a.bin", testing::some_bytes(10));
  EXPECT_EQ(check(), "served");
  EXPECT_LE(server().fetches, 32);
  hashes(-1);
  EXPECT_NE(check().find("Others cannot fetch a.bin and maybe others from you yet"),
            std::string::npos)
      << check();
  EXPECT_EQ(took_, seconds(6));
  hashes(4);  // it rests before it is hashed
  EXPECT_EQ(check(), "served");
  server() = {};
  EXPECT_NE(check().find("does not share it"), std::string::npos) << check();
  server().without_file_transfer = true;
  EXPECT_EQ(check(), "served");
  files = {{"name alone", std::nullopt}};
  EXPECT_EQ(check(), "served");
}

TEST_F(ClientAnnouncer, CancellingEndsTheWaiting) {
  hashes(-1);
  wait_ = [this](std::chrono::milliseconds, Cancellation& cancellation) { cancellation.cancel(); };
  const std::string sentence = announce().value_or("indexed");
  EXPECT_NE(sentence.find("you did not wait for the peer-server beside you"), std::string::npos)
      << sentence;
}

}  // namespace
}  // namespace trueque
