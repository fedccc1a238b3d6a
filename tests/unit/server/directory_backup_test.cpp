// Export, import and repair: one file holds it all, an import happens wholly or not at all
// wherever the power fails, and a repair keeps what is whole.
#include "server/storage/directory_backup.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/storage/directory_import.h"
#include "server/storage/directory_repair.h"
#include "server/storage/json_directory_repository.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/faulty_files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using testing::FaultyFiles;
using testing::placeholder;
using testing::real_file;
using Survival = FaultyFiles::Survival;

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};
constexpr std::chrono::seconds kLease{45};

class DirectoryBackupTest : public ::testing::Test {
 protected:
  using Repository = std::unique_ptr<JsonDirectoryRepository>;

  Repository open() {
    auto opened = JsonDirectoryRepository::open(path_, clock_, *files_, watcher_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  void log_in(DirectoryRepository& repository, const PeerKey& peer, std::uint8_t number) {
    const Session session{testing::content_id(number).bytes, peer, clock_.wall()};
    ASSERT_TRUE(repository.open_session(session, clock_.steady(), kLease).ok());
  }
  // Ana with two files and a lease, killed before there was a snapshot.
  void make_directory() {
    const Repository repository = open();
    log_in(*repository, kAna, 1);
    const std::vector<SharedFile> files = {real_file("a", 1, 1), placeholder("b")};
    ASSERT_TRUE(repository->add_files(kAna, files).ok());
    ASSERT_TRUE(repository->renew_lease(kAna, clock_.steady(), kLease).ok());
    kill();
  }
  void kill() { files_->fail_power_at(1); }
  void start_anew() { files_ = std::make_unique<FaultyFiles>(); }

  // The whole of it as text, and "cannot be read: why" where it cannot.
  std::string exported() {
    auto found = read_directory(*files_, paths_, clock_);
    if (!found) return "cannot be read: " + found.error().message;
    return write_backup(found->backup, true);
  }
  DirectoryBackup backup(const std::string& text) {
    auto read = read_backup(text, clock_);
    EXPECT_TRUE(read.ok()) << read.error().message;
    return *std::move(read);
  }

  testing::TemporaryDirectory folder_;
  const std::string path_ = folder_.file("logged_peers.json");
  const StatePaths paths_ = state_paths(path_).value();
  testing::ManualClock clock_;
  StorageWatcher watcher_;
  std::unique_ptr<FaultyFiles> files_ = std::make_unique<FaultyFiles>();
};

// What another directory had: bob, an account, nothing of ana.
const char* const kOther =
    R"({"version": 1, "peers": [
 {"username": "bob", "peer_ip": "10.0.0.2", "peer_port": 50051, "files": [
  {"name": "c"}]}
], "accounts": [
 {"username": "bob", "password_hash": "$argon2id$..."}
], "sessions": [
 {"token_hash": "0900000000000000000000000000000000000000000000000000000000000000", "username": "bob", "peer_ip": "10.0.0.2", "peer_port": 50051, "opened": 1700000000}
], "leases": [
 {"username": "bob", "peer_ip": "10.0.0.2", "peer_port": 50051}
]}
)";

TEST_F(DirectoryBackupTest, WhatIsExportedComesBackWhole) {
  make_directory();
  files_->crash(Survival::kNothing);
  const std::string once = exported();
  const auto document = nlohmann::json::parse(once);
  EXPECT_EQ(document["peers"][0]["files"].size(), 2U);
  EXPECT_EQ(document["sessions"].size(), 1U);
  EXPECT_EQ(document["leases"].size(), 1U);
  start_anew();
  ASSERT_TRUE(import_backup(*files_, paths_, backup(once)).ok());
  EXPECT_EQ(exported(), once);
  const Repository repository = open();
  EXPECT_TRUE(repository->find_session(testing::content_id(1).bytes).value());
  EXPECT_EQ(repository->counts().value().files, 2U);
}

TEST_F(DirectoryBackupTest, WithoutSecretsItIsAStateFileAndNoMore) {
  const std::string text = write_backup(backup(kOther), false);
  EXPECT_EQ(nlohmann::json::parse(text).size(), 2U) << text;
  EXPECT_EQ(text.find("argon2"), std::string::npos);
}

TEST_F(DirectoryBackupTest, DamageIsToldByItsPlaceAndNothingIsTakenOver) {
  const struct {
    const char* text;
    const char* where;
  } rows[] = {
      {"{\"version\": 1, \"peers\": [}", "line 1, column 26"},
      {R"({"version": 1, "peers": [], "accounts": [{"username": "a"}]})",
       "accounts[0].password_hash: is missing"},
      {R"({"version": 1, "peers": [], "sessions": [{"token_hash": "ab"}]})",
       "sessions[0].token_hash: is not 64 hex digits"},
      {R"({"version": 1, "peers": [], "sessions": []})", "leases: is missing"},
  };
  for (const auto& row : rows) {
    const auto read = read_backup(row.text, clock_);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_EQ(read.error().code, Code::kDataLoss);
    EXPECT_NE(read.error().message.find(row.where), std::string::npos) << read.error().message;
  }
}

TEST_F(DirectoryBackupTest, AnImportHappensWhollyOrNotAtAll) {
  for (const Survival survival : {Survival::kNothing, Survival::kEverything, Survival::kNames,
                                  Survival::kTorn, Survival::kChance}) {
    bool failed = true;
    for (std::uint64_t cut = 1; failed; ++cut) {
      start_anew();
      make_directory();
      files_->crash(Survival::kEverything);
      const std::string before = exported();
      const std::uint64_t done = files_->operations();
      files_->fail_power_at(cut);
      const bool imported = import_backup(*files_, paths_, backup(kOther)).ok();
      failed = files_->operations() - done >= cut;
      files_->crash(survival, cut);
      {
        const Repository started = open();  // finishes what was begun
        ASSERT_TRUE(started);
        kill();
      }
      files_->crash(Survival::kEverything);
      const std::string after = exported();
      EXPECT_TRUE(after == kOther || (after == before && !imported))
          << "cut " << cut << ", survival " << static_cast<int>(survival) << ": " << after;
      if (HasFailure()) return;
    }
  }
}

TEST_F(DirectoryBackupTest, AnImportKeepsWhatWasThere) {
  make_directory();
  files_->crash(Survival::kEverything);
  const auto before = files_->contents();
  const auto copies = import_backup(*files_, paths_, backup(kOther));
  ASSERT_TRUE(copies.ok());
  ASSERT_EQ(copies->size(), 1U) << "the journal is all that was there";
  for (const std::string& copy : *copies) {
    const std::string suffix = ".before-import";
    ASSERT_TRUE(copy.ends_with(suffix));
    EXPECT_EQ(files_->contents().at(copy), before.at(copy.substr(0, copy.size() - suffix.size())));
  }
  const auto again = import_backup(*files_, paths_, backup(kOther));
  ASSERT_TRUE(again.ok());
  for (const std::string& copy : *again) EXPECT_FALSE(before.contains(copy)) << "not written over";
}

TEST_F(DirectoryBackupTest, ARepairKeepsEveryWholeRecordAndSetsTheRestAside) {
  make_directory();
  files_->crash(Survival::kEverything);
  const std::string segment = paths_.journal + "1";
  const std::string whole = files_->contents().at(segment);
  std::string damaged = whole;
  const std::size_t second = damaged.find("TqFr", kSegmentHeaderBytes + 4);
  const std::size_t third = damaged.find("TqFr", second + 4);
  damaged[second + kFrameHeaderBytes + 3] ^= 1;
  // The power fails at each operation of the repair; it is done again then.
  bool failed = true;
  for (std::uint64_t cut = 1; failed; ++cut) {
    start_anew();
    files_->put(segment, damaged);
    EXPECT_NE(exported().find(segment + ": damaged at byte " + std::to_string(second)),
              std::string::npos)
        << exported();
    EXPECT_EQ(files_->contents().at(segment), damaged) << "looking changes nothing";
    files_->fail_power_at(cut);
    static_cast<void>(repair_directory(*files_, paths_, clock_).ok());
    failed = files_->operations() >= cut;
    files_->crash(Survival::kChance, cut);
    const auto report = repair_directory(*files_, paths_, clock_);
    ASSERT_TRUE(report.ok()) << report.error().message;
    const auto found = read_directory(*files_, paths_, clock_);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->backup.tables->counts().peers, 1U);
    EXPECT_EQ(found->backup.tables->counts().files, 0U) << "what was damaged";
    EXPECT_TRUE(found->backup.tables->all_peers().at(kAna).leased) << "what was behind it";
    EXPECT_EQ(files_->contents().at(segment + ".damaged"), damaged.substr(second, third - second));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace trueque
