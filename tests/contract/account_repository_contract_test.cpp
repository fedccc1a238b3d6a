// What every AccountRepository promises, run over each of them.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "server/core/account_repository.h"
#include "server/storage/json_account_repository.h"
#include "server/storage/memory_account_repository.h"
#include "server/storage/postgres/postgres_account_repository.h"
#include "tests/support/postgres_test_database.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

enum class Kind { kMemory, kJson, kJsonReopened, kPostgres };

class AccountRepositoryContract : public ::testing::TestWithParam<Kind> {
 protected:
  AccountRepositoryContract() {
    if (GetParam() == Kind::kMemory) {
      accounts_ = std::make_unique<MemoryAccountRepository>();
    } else if (GetParam() == Kind::kPostgres) {
      accounts_ = std::make_unique<PostgresAccountRepository>(database_.emplace().pool());
    } else {
      reopen();
    }
  }
  void reopen() {
    auto opened = JsonAccountRepository::open(folder_.file("accounts.json"));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    accounts_ = *std::move(opened);
  }
  void restart() {
    if (GetParam() == Kind::kJsonReopened) reopen();
  }
  std::string hash_of(const std::string& name) {
    const auto account = *accounts_->find(name);
    return account ? account->password_hash : "none";
  }

  testing::TemporaryDirectory folder_;
  std::optional<testing::PostgresTestDatabase> database_;
  std::unique_ptr<AccountRepository> accounts_;
};

TEST_P(AccountRepositoryContract, FindsWhatWasCreated) {
  EXPECT_EQ(hash_of("ana"), "none");
  ASSERT_TRUE(accounts_->create({"ana", "$h\"1\\"}).ok());
  ASSERT_TRUE(accounts_->create({"ñ \"", "h2"}).ok());
  restart();
  EXPECT_EQ(hash_of("ana"), "$h\"1\\");
  EXPECT_EQ(hash_of("ñ \""), "h2");
  EXPECT_EQ(hash_of("Ana"), "none");
}

TEST_P(AccountRepositoryContract, ANameIsTakenOnce) {
  ASSERT_TRUE(accounts_->create({"ana", "h1"}).ok());
  restart();
  EXPECT_EQ(accounts_->create({"ana", "h2"}).error().code, Code::kAlreadyExists);
  EXPECT_EQ(hash_of("ana"), "h1");
}

TEST_P(AccountRepositoryContract, APasswordChangesWhereThereIsAnAccount) {
  EXPECT_EQ(accounts_->set_password({"ana", "h"}).error().code, Code::kNotFound);
  ASSERT_TRUE(accounts_->create({"ana", "h1"}).ok());
  ASSERT_TRUE(accounts_->set_password({"ana", "h2"}).ok());
  restart();
  EXPECT_EQ(hash_of("ana"), "h2");
}

TEST_P(AccountRepositoryContract, OneOfManyFirstLoginsWins) {
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (accounts_->create({"ana", std::to_string(i)}).ok()) ++winners;
      EXPECT_TRUE(accounts_->create({"name" + std::to_string(i), "h"}).ok());
      EXPECT_TRUE(*accounts_->find("name" + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  restart();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(hash_of("name" + std::to_string(i)), "h");
}

std::string name_of(const ::testing::TestParamInfo<Kind>& kind) {
  const char* const names[] = {"Memory", "Json", "JsonReopened", "Postgres"};
  return names[static_cast<int>(kind.param)];
}

std::vector<Kind> every_kind() {
  std::vector<Kind> kinds{Kind::kMemory, Kind::kJson, Kind::kJsonReopened};
  if (testing::PostgresTestDatabase::is_given()) kinds.push_back(Kind::kPostgres);
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(All, AccountRepositoryContract, ::testing::ValuesIn(every_kind()),
                         name_of);

}  // namespace
}  // namespace trueque
