// Accounts in memory alone, for tests and for a directory that checks no
// passwords. Any thread.
#pragma once

#include <map>
#include <mutex>

#include "server/core/account_repository.h"

namespace trueque {

class MemoryAccountRepository final : public AccountRepository {
 public:
  Result<std::optional<Account>> find(const std::string& username) const override;
  Status create(const Account& account) override;
  Status set_password(const Account& account) override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Account> accounts_;  // guarded by mutex_
};

}  // namespace trueque
