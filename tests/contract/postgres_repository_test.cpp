// What of the repository in PostgreSQL is its own, where a database is given to the run.
#include <gtest/gtest.h>

#include <new>

#include "tests/contract/directory_repository_contract.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::answer;
using testing::kAna;
using testing::kLease;
using testing::placeholder;
using testing::PostgresTestDatabase;
using testing::real_file;
using testing::token;

class SyncCounter final : public StorageWatcher {
 public:
  void synced(const StorageSync& /*what*/) override { ++syncs; }
  int syncs = 0;
};

class PostgresRepositoryTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    pool_.emplace(PostgresOptions{.url = PostgresTestDatabase::url()}, &watcher_);
    database_.emplace();
    repository_.emplace(*pool_, LeaseClock::kCaller);
    ASSERT_TRUE(repository_->open_session({token(1), kAna, clock_.wall()}, {}, kLease).ok());
  }
  void add(const std::vector<SharedFile>& files) {
    ASSERT_TRUE(repository_->add_files(kAna, files).ok());
  }
  void execute(const char* sql) {
    pqxx::connection connection(PostgresTestDatabase::url());
    pqxx::nontransaction(connection).exec(sql);
  }

  SyncCounter watcher_;
  testing::ManualClock clock_;
  std::optional<PostgresPool> pool_;
  std::optional<PostgresTestDatabase> database_;
  std::optional<PostgresDirectoryRepository> repository_;
};

TEST_P(PostgresRepositoryTest, ALeaseBeginsOnDiskAndMovesWithoutIt) {
  const int before = watcher_.syncs;
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(watcher_.syncs, before + 1);
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  EXPECT_EQ(watcher_.syncs, before + 1);
}

TEST_P(PostgresRepositoryTest, ADigestFromBeforeThereWereAnyIsMadeUpFor) {
  add({real_file("a", 7, 1), placeholder("b")});
  ASSERT_TRUE(repository_->renew_lease(kAna, clock_.steady(), kLease).ok());
  const FilesSummary known = answer(repository_->renew_lease(kAna, clock_.steady(), kLease));
  execute("update peers set files_digest = null");
  EXPECT_EQ(answer(repository_->renew_lease(kAna, clock_.steady(), kLease)), known);
  execute("update peers set files_digest = null");
  add({placeholder("c")});
  const FilesSummary more =
      answer(repository_->open_session({token(2), kAna, clock_.wall()}, {}, kLease));
  FileSetDigest digest = known.digest;
  digest.toggle("c", std::nullopt);
  EXPECT_EQ(more.digest, digest);
  EXPECT_EQ(more.files, 3U);
}

TEST_P(PostgresRepositoryTest, NamesOfALargeDirectoryAreCountedOnceAMinute) {
  PostgresCounts counts(*pool_, clock_, {.exact_up_to = 2, .oldest = seconds(60)});
  add({placeholder("a")});
  EXPECT_EQ(answer(counts.read()).names, 1U);
  add({placeholder("b")});
  EXPECT_EQ(answer(counts.read()).names, 2U) << "few are counted at once";
  add({real_file("c", 7, 1)});
  RepositoryCounts read = answer(counts.read());
  EXPECT_EQ(read.files, 3U) << "which is always exact";
  EXPECT_EQ(read.names, 2U);
  EXPECT_EQ(read.contents, 0U);
  clock_.advance(seconds(59));
  EXPECT_EQ(answer(counts.read()).names, 2U);
  clock_.advance(seconds(1));
  read = answer(counts.read());
  EXPECT_EQ(read.names, 3U);
  EXPECT_EQ(read.contents, 1U);
}

TEST_P(PostgresRepositoryTest, ShortMemoryIsNoRefusedRequest) {
  const Result<int> none =
      pool_->read<int>([](pqxx::transaction_base&) -> Result<int> { throw std::bad_alloc(); });
  EXPECT_EQ(none.error().code, Code::kUnavailable);
  EXPECT_TRUE(none.error().retry_after);
  EXPECT_NE(none.error().message.find("memory"), std::string::npos) << none.error().message;
  EXPECT_TRUE(repository_->has_peer(kAna).ok());
}

std::vector<const char*> databases() {
  if (PostgresTestDatabase::is_given()) return {"Postgres"};
  return {};
}

// Where none is given there is nothing to run.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PostgresRepositoryTest);
INSTANTIATE_TEST_SUITE_P(On, PostgresRepositoryTest, ::testing::ValuesIn(databases()),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace trueque
