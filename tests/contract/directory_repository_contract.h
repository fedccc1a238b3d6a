// What the contract tests of DirectoryRepository run over: each implementation, and the
// one on disk stopped, or killed, and opened again wherever a test says restart().
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/core/directory_repository.h"
#include "server/storage/json_directory_repository.h"
#include "server/storage/memory_directory_repository.h"
#include "server/storage/postgres/postgres_directory_repository.h"
#include "tests/support/answering_repository.h"
#include "tests/support/controlled_files.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_test_database.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

// kPostgres stands first, for a restart is of the server alone, not of its database.
enum class RepositoryKind { kPostgres, kMemory, kJson, kJsonRestarted, kJsonKilled };

inline const PeerKey kAna{"ana", "10.0.0.1", 50051};
inline const PeerKey kBob{"bob", "10.0.0.2", 50051};
inline const PeerKey kAnaToo{"ana", "10.0.0.1", 50052};
inline constexpr std::chrono::seconds kLease{45};

inline TokenHash token(std::uint8_t first) { return content_id(first).bytes; }

class DirectoryRepositoryContract : public ::testing::TestWithParam<RepositoryKind> {
 protected:
  DirectoryRepositoryContract() {
    if (GetParam() == RepositoryKind::kPostgres) {
      repository_ = std::make_unique<PostgresDirectoryRepository>(database_.emplace().pool(),
                                                                  LeaseClock::kCaller);
    } else if (GetParam() == RepositoryKind::kMemory) {
      repository_ = std::make_unique<MemoryDirectoryRepository>();
    } else {
      reopen();
    }
  }

  void restart() {
    if (GetParam() < RepositoryKind::kJsonRestarted) return;
    files_.fail(GetParam() == RepositoryKind::kJsonKilled);
    repository_.reset();
    files_.fail(false);
    reopen();
    repository_->grant_full_leases(now(), kLease);
  }
  void reopen() {
    auto opened =
        JsonDirectoryRepository::open(folder_.file("logged_peers.json"), clock_, files_, watcher_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    repository_ = *std::move(opened);
  }

  AnsweringRepository repository() { return AnsweringRepository(*repository_); }
  Clock::Steady now() const { return clock_.steady(); }
  void open(const PeerKey& peer, std::uint8_t number) {
    const auto opened =
        repository().open_session({token(number), peer, clock_.wall()}, now(), kLease);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  std::uint64_t add(const PeerKey& peer, const std::vector<SharedFile>& files) {
    return repository().add_files(peer, files).value_or(999);
  }
  // "user:name" of each source, sorted.
  std::multiset<std::string> who_has(std::string_view name, std::uint32_t limit = 50) {
    std::multiset<std::string> out;
    for (const Source& source : repository().find_by_name(name, limit)) {
      out.insert(source.peer.username + ":" + source.file.name);
    }
    return out;
  }
  std::vector<std::string> search(const std::string& words, std::uint32_t limit = 50) {
    std::vector<std::string> out;
    for (const RankedHit& hit : repository().search({words, limit, std::nullopt})) {
      out.push_back(hit.hit.file.name);
    }
    return out;
  }
  template <typename T>
  Code code_of(const Result<T>& result) {
    return result.ok() ? Code::kInternal : result.error().code;
  }

  TemporaryDirectory folder_;
  ManualClock clock_;
  ControlledFiles files_;
  StorageWatcher watcher_;
  std::optional<PostgresTestDatabase> database_;
  std::unique_ptr<DirectoryRepository> repository_;
};

inline std::string repository_name(const ::testing::TestParamInfo<RepositoryKind>& kind) {
  const char* const names[] = {"Postgres", "Memory", "Json", "JsonRestarted", "JsonKilled"};
  return names[static_cast<int>(kind.param)];
}

// PostgreSQL is among them where a database is given to the run.
inline std::vector<RepositoryKind> every_repository() {
  std::vector<RepositoryKind> kinds{RepositoryKind::kMemory, RepositoryKind::kJson,
                                    RepositoryKind::kJsonRestarted, RepositoryKind::kJsonKilled};
  if (PostgresTestDatabase::is_given()) kinds.push_back(RepositoryKind::kPostgres);
  return kinds;
}

inline const auto kEveryRepository = ::testing::ValuesIn(every_repository());

}  // namespace trueque::testing
