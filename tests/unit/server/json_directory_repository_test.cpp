// What only the JSON file can get wrong: failed writes, crashes between the two
// files, damage, locks, and the original's file.
#include "server/storage/json_directory_repository.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/files.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::content_id;
using testing::ManualClock;
using testing::placeholder;
using testing::real_file;

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};
constexpr seconds kLease{45};

TokenHash token(std::uint8_t first) { return content_id(first).bytes; }

// Writes files as usual, but can be told to hold on or to fail.
class ControlledWriter {
 public:
  Status write(const std::string& path, std::string_view bytes, mode_t mode) {
    std::unique_lock lock(mutex_);
    written_.push_back(std::filesystem::path(path).filename().string());
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (fail_from_ > 0 && static_cast<int>(written_.size()) >= fail_from_) {
      return make_error(Code::kAborted, "cannot write " + path + ": No space left on device");
    }
    lock.unlock();
    return write_file_atomically(path, bytes, mode);
  }
  void hold() {
    set([this] { held_ = true; });
  }
  void release() {
    set([this] { held_ = false; });
  }
  // The `count`th write from now on fails, and all after it; 0: none.
  void fail_at(int count) {
    set([this, count] {
      written_.clear();
      fail_from_ = count;
    });
  }
  void wait_for_writes(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return written_.size() >= count; });
  }
  std::vector<std::string> take_written() {
    const std::lock_guard lock(mutex_);
    return std::exchange(written_, {});
  }

 private:
  template <typename Change>
  void set(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> written_;
  bool held_ = false;
  int fail_from_ = 0;
};

class JsonDirectoryRepositoryTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<JsonDirectoryRepository>> try_open() {
    return JsonDirectoryRepository::open(
        path_, clock_, [this](const std::string& path, std::string_view bytes, mode_t mode) {
          return writer_.write(path, bytes, mode);
        });
  }
  void open() {
    repository_.reset();
    auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    repository_ = *std::move(opened);
  }
  Status log_in(const PeerKey& peer, std::uint8_t number) {
    return repository_->open_session({token(number), peer, clock_.wall()}, clock_.steady(), kLease);
  }
  void put(const std::string& path, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(path, text).ok());
  }
  json state() { return json::parse(read_file(path_).value_or("null")); }
  std::vector<PeerKey> peer_keys() {
    std::vector<PeerKey> keys;
    for (const PeerSummary& each : repository_->peers(clock_.steady())) keys.push_back(each.peer);
    return keys;
  }
  void wait_for_peers(std::uint64_t count) {
    while (repository_->counts().peers != count) std::this_thread::yield();
  }

  testing::TemporaryDirectory folder_;
  std::string path_ = folder_.file("logged_peers.json");
  std::string sessions_path_ = folder_.file("logged_peers.sessions.json");
  ManualClock clock_;
  ControlledWriter writer_;
  std::unique_ptr<JsonDirectoryRepository> repository_;
};

using Peers = std::vector<PeerKey>;
using Names = std::vector<std::string>;

TEST_F(JsonDirectoryRepositoryTest, TheFileHasTheFormOfTheContract) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  const std::vector<SharedFile> files = {real_file("a \"b\".txt", 5, 0xAB), placeholder("ñ")};
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  const json expected_files =
      json::array({{{"name", "a \"b\".txt"}, {"size", 5}, {"content_id", content_id(0xAB).hex()}},
                   {{"name", "ñ"}}});
  json written = state();
  EXPECT_EQ(written["version"], 1);
  ASSERT_EQ(written["peers"].size(), 1U);
  json files_written = written["peers"][0]["files"];
  std::sort(files_written.begin(), files_written.end());
  json files_expected = expected_files;
  std::sort(files_expected.begin(), files_expected.end());
  EXPECT_EQ(files_written, files_expected);
  written["peers"][0].erase("files");
  EXPECT_EQ(written["peers"][0],
            json({{"username", "ana"}, {"peer_ip", "10.0.0.1"}, {"peer_port", 50051}}));
  EXPECT_EQ(written.size(), 2U) << "nothing else, and no token above all";
  struct stat status {};
  ASSERT_EQ(::stat(sessions_path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(JsonDirectoryRepositoryTest, TheFolderIsMadeWhenMissing) {
  path_ = folder_.file("var/lib/state.json");
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(repository_->paths().accounts, folder_.file("var/lib/state.accounts.json"));
}

TEST_F(JsonDirectoryRepositoryTest, WritesOnlyWhatChangedAndInTheSafeOrder) {
  const std::string state = "logged_peers.json";
  const std::string sessions = "logged_peers.sessions.json";
  open();
  writer_.take_written();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_EQ(writer_.take_written(), (Names{sessions, state}));
  ASSERT_TRUE(log_in(kAna, 2).ok());
  EXPECT_EQ(writer_.take_written(), Names{sessions});
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(writer_.take_written(), Names{sessions});
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(writer_.take_written(), Names{});
  const std::vector<SharedFile> files = {placeholder("a")};
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  EXPECT_EQ(writer_.take_written(), Names{state});
  ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  EXPECT_EQ(writer_.take_written(), Names{});
  ASSERT_TRUE(repository_->close_session(token(1)).ok());
  EXPECT_EQ(writer_.take_written(), Names{sessions});
  ASSERT_TRUE(repository_->close_session(token(2)).ok());
  EXPECT_EQ(writer_.take_written(), (Names{state, sessions}));
}

TEST_F(JsonDirectoryRepositoryTest, OneWriteServesAllThatWaitAndReadsGoOn) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  writer_.take_written();
  writer_.hold();
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  const auto log_in_number = [&](int i) {
    threads.emplace_back([this, &done, i] {
      EXPECT_TRUE(log_in({"peer" + std::to_string(i), "h", 1}, static_cast<std::uint8_t>(i)).ok());
      ++done;
    });
  };
  log_in_number(10);
  writer_.wait_for_writes(1);
  for (int i = 11; i < 30; ++i) log_in_number(i);
  wait_for_peers(21);
  EXPECT_TRUE(repository_->find_session(token(1)));
  EXPECT_TRUE(repository_->find_by_name("a", 50).empty());
  EXPECT_EQ(done, 0) << "nobody is told before the disk has it";
  writer_.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(writer_.take_written().size(), 4U) << "two writes of two files for twenty logins";
  EXPECT_EQ(state()["peers"].size(), 21U);
}

TEST_F(JsonDirectoryRepositoryTest, AFailedWriteTakesEverythingWaitingBack) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  const std::vector<SharedFile> before = {real_file("a", 1, 1), placeholder("b")};
  ASSERT_TRUE(repository_->add_files(kAna, before).ok());
  writer_.fail_at(1);
  writer_.hold();
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  const auto refuse = [&](auto verb) {
    threads.emplace_back([&refused, verb] {
      const auto result = verb();
      EXPECT_EQ(result.ok(), false);
      if (result.ok()) return;
      EXPECT_EQ(result.error().code, Code::kUnavailable);
      EXPECT_TRUE(result.error().retry_after);
      EXPECT_NE(result.error().message.find("No space left"), std::string::npos);
      ++refused;
    });
  };
  refuse([this] { return log_in(kBob, 2); });
  writer_.wait_for_writes(1);
  // Queued behind the write that fails, each resting on the one before.
  const std::vector<SharedFile> after = {real_file("a", 2, 2), placeholder("c")};
  refuse([this, after] { return repository_->replace_files(kAna, after); });
  while (repository_->find_by_name("c", 50).empty()) std::this_thread::yield();
  refuse([this] { return repository_->close_session(token(1)); });
  wait_for_peers(1);
  refuse([this] { return log_in(kAna, 3); });
  wait_for_peers(2);
  writer_.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(peer_keys(), Peers{kAna});
  EXPECT_EQ(repository_->find_by_name("a", 50)[0].file, before[0]);
  EXPECT_EQ(repository_->find_by_name("b", 50)[0].file, before[1]);
  EXPECT_TRUE(repository_->find_by_name("c", 50).empty());
  EXPECT_TRUE(repository_->find_session(token(1)));
  EXPECT_FALSE(repository_->find_session(token(2)));
  EXPECT_FALSE(repository_->find_session(token(3)));
  EXPECT_EQ(repository_->counts().files, 2U);

  writer_.fail_at(0);
  ASSERT_TRUE(log_in(kBob, 4).ok()) << "the next change tries again";
  open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, kBob}));
  EXPECT_EQ(repository_->find_by_name("a", 50)[0].file, before[0]);
}

// Each write of each kind of change fails in turn: the change is refused and not
// seen, and after a restart at once what was acknowledged before is there.
TEST_F(JsonDirectoryRepositoryTest, AFailureAtAnyWriteLosesNothingAcknowledged) {
  for (int failing = 1; failing <= 2; ++failing) {
    std::filesystem::remove(path_);
    std::filesystem::remove(sessions_path_);
    writer_.fail_at(0);
    open();
    ASSERT_TRUE(log_in(kAna, 1).ok());
    ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
    writer_.fail_at(failing);
    EXPECT_EQ(log_in(kBob, 2).error().code, Code::kUnavailable);
    EXPECT_EQ(peer_keys(), Peers{kAna});
    writer_.fail_at(failing);
    EXPECT_EQ(repository_->close_session(token(1)).error().code, Code::kUnavailable);
    EXPECT_EQ(peer_keys(), Peers{kAna});
    writer_.fail_at(0);
    open();  // closing writes what the failure left behind
    EXPECT_EQ(peer_keys(), Peers{kAna});
    EXPECT_TRUE(repository_->find_session(token(1)));
    EXPECT_FALSE(repository_->find_session(token(2)));
    clock_.advance(seconds(1));
    repository_->grant_full_leases(clock_.steady(), kLease);
    clock_.advance(kLease);
    EXPECT_EQ(repository_->expire(clock_.steady(), {}).value_or({}), Peers{kAna});
  }
}

TEST_F(JsonDirectoryRepositoryTest, ACrashAfterTheFirstFileOfALoginLeavesNoPeer) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  const std::string state_before = read_file(path_).value_or("");
  ASSERT_TRUE(log_in(kBob, 2).ok());
  repository_.reset();
  put(path_, state_before);
  open();
  EXPECT_EQ(peer_keys(), Peers{kAna});
  EXPECT_FALSE(repository_->find_session(token(2)));
}

TEST_F(JsonDirectoryRepositoryTest, ACrashAfterTheFirstFileOfALogoutLeavesNoPeer) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  ASSERT_TRUE(log_in(kBob, 2).ok());
  ASSERT_TRUE(repository_->renew_lease(kBob, clock_.steady(), kLease).ok());
  const std::string sessions_before = read_file(sessions_path_).value_or("");
  ASSERT_TRUE(repository_->close_session(token(2)).ok());
  repository_.reset();
  put(sessions_path_, sessions_before);
  open();
  EXPECT_EQ(peer_keys(), Peers{kAna});
  EXPECT_FALSE(repository_->find_session(token(2)));
}

TEST_F(JsonDirectoryRepositoryTest, PeersWithoutASessionAreKept) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_.reset();
  std::filesystem::remove(sessions_path_);
  open();
  EXPECT_EQ(peer_keys(), Peers{kAna});
  ASSERT_TRUE(repository_->close_latest_session(kAna).ok());
  EXPECT_EQ(peer_keys(), Peers{});
}

TEST_F(JsonDirectoryRepositoryTest, AfterClosingNothingChangesAnyMore) {
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  repository_->close();
  repository_->close();
  EXPECT_EQ(log_in(kBob, 2).error().code, Code::kUnavailable);
  EXPECT_EQ(peer_keys(), Peers{kAna});
}

TEST_F(JsonDirectoryRepositoryTest, ASecondServerIsToldWhoHasTheFile) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(exit_code_for_storage(second.error().code), ExitCode::kFailed);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos)
      << second.error().message;
  std::filesystem::create_symlink(path_, folder_.file("link.json"));
  ASSERT_TRUE(log_in(kAna, 1).ok());
  path_ = folder_.file("link.json");
  EXPECT_EQ(try_open().error().code, Code::kFailedPrecondition) << "by another name too";
}

TEST_F(JsonDirectoryRepositoryTest, ALinkedFileIsWrittenWhereItIs) {
  const std::string real = folder_.file("real.json");
  put(real, "{\"version\": 1, \"peers\": []}");
  std::filesystem::create_symlink(real, path_);
  open();
  ASSERT_TRUE(log_in(kAna, 1).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_NE(read_file(real).value_or("").find("ana"), std::string::npos);
}

struct Damage {
  const char* text;
  const char* where;
};

const Damage kDamagedStates[] = {
    {"", "line 1, column 1: the file is empty"},
    {"garbage", "line 1, column 1"},
    {"{\"version\": 1,\n \"peers\": [}", "line 2, column 12"},
    {"{\"version\": 1, \"peers\": []", "line 1, column 27"},
    {"{\"version\": 1, \"peers\": []} x", "line 1, column 29"},
    {"[]", "the document: is no object"},
    {"null", "the document: is no object"},
    {"{\"version\": 2, \"peers\": []}", "version: is 2; this program reads 1"},
    {"{\"version\": \"1\", \"peers\": []}", "version: is \"1\""},
    {"{\"version\": 1}", "peers: is missing"},
    {"{\"peers\": []}", "version: is missing"},
    {"{\"version\": 1, \"peers\": {}}", "peers: is no list"},
    {"{\"version\": 1, \"peers\": [5]}", "peers[0].username: is missing"},
    {R"({"version": 1, "peers": [{"username": "", "peer_ip": "h", "peer_port": 1, "files": []}]})",
     "peers[0].username: is no valid name"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "", "peer_port": 1, "files": []}]})",
     "peers[0].peer_ip: is not an IPv4"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 0, "files": []}]})",
     "peers[0].peer_port: is no whole number from 1 to 65535"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1}]})",
     "peers[0].files: is missing"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok"}, {"name": "../x"}]}]})",
     "peers[0].files[1].name: has a component '.' or '..'"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": 5}]}]})",
     "peers[0].files[0].content_id: is missing"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": -5, "content_id": "0"}]}]})",
     "peers[0].files[0].size: is no whole number"},
    {R"({"version": 1, "peers": [{"username": "a", "peer_ip": "h", "peer_port": 1, "files": [
      {"name": "ok", "size": 5, "content_id": "xyz"}]}]})",
     "peers[0].files[0].content_id: is not 64 hex digits"},
    {R"({"ana": "10.0.0.1"})", "ana: is no list that begins with an address"},
    {R"({"ana": ["10.0.0.1", 5]})", "ana[1]: is no list"},
    {R"({"ana": ["10.0.0.1", [0, {}]]})", "ana[1][1]: is no file name"},
    {R"({"ana": ["10.0.0.1", [0], ["10.0.0.2", [0, null]]]})", "ana[2][1][1]: is no file name"},
};

TEST_F(JsonDirectoryRepositoryTest, ADamagedFileIsNamedWithThePlaceAndLeftAsItIs) {
  for (const Damage& row : kDamagedStates) {
    put(path_, row.text);
    const auto opened = try_open();
    ASSERT_FALSE(opened.ok()) << row.text;
    EXPECT_EQ(opened.error().code, Code::kDataLoss) << row.text;
    EXPECT_EQ(exit_code_for_storage(opened.error().code), ExitCode::kInputOutput);
    EXPECT_NE(opened.error().message.find(path_ + ": " + row.where), std::string::npos)
        << row.text << "\n"
        << opened.error().message;
    EXPECT_EQ(read_file(path_).value_or("?"), row.text);
    EXPECT_FALSE(std::filesystem::exists(path_ + ".original"));
  }
}

TEST_F(JsonDirectoryRepositoryTest, DamagedSessionsAreNamedToo) {
  const Damage rows[] = {
      {"", "line 1, column 1"},
      {"{}", "version: is missing"},
      {R"({"version": 1, "sessions": [{"token_hash": "ab"}], "leases": []})",
       "sessions[0].token_hash: is not 64 hex digits"},
      {R"({"version": 1, "sessions": []})", "leases: is missing"},
  };
  for (const Damage& row : rows) {
    put(sessions_path_, row.text);
    const auto opened = try_open();
    ASSERT_FALSE(opened.ok()) << row.text;
    EXPECT_EQ(opened.error().code, Code::kDataLoss);
    EXPECT_NE(opened.error().message.find(sessions_path_ + ": " + row.where), std::string::npos)
        << opened.error().message;
    EXPECT_EQ(read_file(sessions_path_).value_or("?"), row.text);
  }
}

TEST_F(JsonDirectoryRepositoryTest, AFolderInPlaceOfTheFileIsAReadError) {
  std::filesystem::create_directory(path_);
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(exit_code_for_storage(opened.error().code), ExitCode::kInputOutput);
}

TEST_F(JsonDirectoryRepositoryTest, TheOriginalsFileIsUpgradedAndKept) {
  const auto original = read_file(std::string(TRUEQUE_TEST_DATA) + "/original/logged_peers.json");
  ASSERT_TRUE(original.ok());
  put(path_, *original);
  open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, {"ana", "10.0.0.3", 50051}}));
  EXPECT_EQ(repository_->find_by_name("a.txt", 50)[0].peer, kAna);
  EXPECT_EQ(repository_->find_by_name("b.txt", 50)[0].file, placeholder("b.txt"));
  EXPECT_EQ(repository_->warnings(), Names{});
  EXPECT_EQ(state()["version"], 1);
  EXPECT_EQ(state()["peers"].size(), 2U);
  EXPECT_EQ(read_file(path_ + ".original").value_or(""), *original);
}

TEST_F(JsonDirectoryRepositoryTest, ACopyOfAnOriginalIsNeverWrittenOver) {
  put(path_ + ".original", "an older one");
  put(path_, R"({"ana": ["10.0.0.1", [0]]})");
  open();
  EXPECT_EQ(read_file(path_ + ".original").value_or(""), "an older one");
  EXPECT_EQ(read_file(path_ + ".original.1").value_or(""), R"({"ana": ["10.0.0.1", [0]]})");
}

TEST_F(JsonDirectoryRepositoryTest, EveryShapeTheOriginalLeavesIsRead) {
  const struct {
    const char* text;
    Peers peers;
  } rows[] = {
      {"{}", {}},
      {R"({"ana": ["10.0.0.1", [0]], "bob": ["10.0.0.2", [0, "x"]]})", {kAna, kBob}},
      {R"({"ana": ["10.0.0.1", [0], ["h", [0]], ["h", [0, "y"]]]})", {kAna, {"ana", "h", 50051}}},
      {R"({"ana": ["10.0.0.1", [0], ["h", [0], ["i", [0], ["j", [0, "z"]]]]]})",
       {kAna, {"ana", "h", 50051}, {"ana", "i", 50051}, {"ana", "j", 50051}}},
      {R"({"version": ["10.0.0.1", [0]], "peers": ["10.0.0.1", [0]]})",
       {{"peers", "10.0.0.1", 50051}, {"version", "10.0.0.1", 50051}}},
      {R"({"peers": ["10.0.0.1", [0]]})", {{"peers", "10.0.0.1", 50051}}},
  };
  for (const auto& row : rows) {
    repository_.reset();
    put(path_, row.text);
    open();
    EXPECT_EQ(peer_keys(), row.peers) << row.text;
  }
}

TEST_F(JsonDirectoryRepositoryTest, WhatTodaysRulesForbidIsLeftOutWithAWarning) {
  put(path_, R"({"": ["10.0.0.1", [0]], "ana": ["10.0.0.1", [0, "ok", "../x", "a\nb"]],
                 "eve": ["no address", [0, "f"], ["10.0.0.9", [0, "g"]]]})");
  open();
  EXPECT_EQ(peer_keys(), (Peers{kAna, {"eve", "10.0.0.9", 50051}}));
  EXPECT_EQ(repository_->counts().files, 2U);
  EXPECT_EQ(repository_->warnings().size(), 4U);
  for (const std::string& warning : repository_->warnings()) {
    EXPECT_EQ(warning.find('\n'), std::string::npos) << warning;
  }
}

TEST_F(JsonDirectoryRepositoryTest, ADeepFileOfTheOriginalIsNoTrouble) {
  std::string text = R"(["h", [0]])";
  for (int i = 0; i < 2000; ++i) text = R"(["h", [0], )" + text + "]";
  put(path_, "{\"ana\": " + text + "}");
  open();
  EXPECT_EQ(peer_keys(), (Peers{{"ana", "h", 50051}}));
}

}  // namespace
}  // namespace trueque
