// A JsonDirectoryRepository in a folder of its own, whose writes a test can hold
// up or let fail.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/files.h"
#include "server/storage/json_directory_repository.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

inline TokenHash token_hash(std::uint8_t first) { return content_id(first).bytes; }

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

class JsonRepositoryFixture : public ::testing::Test {
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
    return repository_->open_session({token_hash(number), peer, clock_.wall()}, clock_.steady(),
                                     std::chrono::seconds(45));
  }
  void put(const std::string& path, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(path, text).ok());
  }
  nlohmann::json state() { return nlohmann::json::parse(read_file(path_).value_or("null")); }
  std::vector<PeerKey> peer_keys() {
    std::vector<PeerKey> keys;
    const auto peers = repository_->peers(clock_.steady());
    for (const PeerSummary& each : *peers) keys.push_back(each.peer);
    return keys;
  }
  void wait_for_peers(std::uint64_t count) {
    while (repository_->counts()->peers != count) std::this_thread::yield();
  }

  TemporaryDirectory folder_;
  std::string path_ = folder_.file("logged_peers.json");
  std::string sessions_path_ = folder_.file("logged_peers.sessions.json");
  ManualClock clock_;
  ControlledWriter writer_;
  std::unique_ptr<JsonDirectoryRepository> repository_;
};

}  // namespace trueque::testing
