// Accounts in PostgreSQL, shared by all servers. Any thread.
#pragma once

#include "server/core/account_repository.h"
#include "server/storage/postgres/postgres_pool.h"

namespace trueque {

class PostgresAccountRepository final : public AccountRepository {
 public:
  // The pool must outlive it, and its database be migrated.
  explicit PostgresAccountRepository(PostgresPool& pool) : pool_(pool) {}

  Result<std::optional<Account>> find(const std::string& username) const override;
  Status create(const Account& account) override;
  Status set_password(const Account& account) override;

 private:
  PostgresPool& pool_;
};

}  // namespace trueque
