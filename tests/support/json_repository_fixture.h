// A JsonDirectoryRepository in a folder of its own, whose journal a test can hold
// up or let fail.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/base/files.h"
#include "server/storage/json_directory_repository.h"
#include "tests/support/controlled_files.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/snapshot_counter.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

inline TokenHash token_hash(std::uint8_t first) { return content_id(first).bytes; }

class JsonRepositoryFixture : public ::testing::Test {
 protected:
  Result<std::unique_ptr<JsonDirectoryRepository>> try_open() {
    return JsonDirectoryRepository::open(path_, clock_, files_, snapshots_);
  }
  void open() {
    repository_.reset();
    auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    repository_ = *std::move(opened);
  }
  Result<FilesSummary> log_in(const PeerKey& peer, std::uint8_t number) {
    return repository_->open_session({token_hash(number), peer, clock_.wall()}, clock_.steady(),
                                     std::chrono::seconds(45));
  }
  void put(const std::string& path, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(path, text).ok());
  }
  // Stopped and started again as if it had been killed.
  void kill_and_open() {
    files_.fail(true);
    repository_.reset();
    files_.fail(false);
    open();
  }
  // What the state file has once the server has stopped.
  nlohmann::json state() {
    repository_->close();
    return nlohmann::json::parse(read_file(path_).value_or("null"));
  }
  nlohmann::json state_now() { return nlohmann::json::parse(read_file(path_).value_or("null")); }
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
  ControlledFiles files_;
  SnapshotCounter snapshots_;
  std::unique_ptr<JsonDirectoryRepository> repository_;
};

}  // namespace trueque::testing
