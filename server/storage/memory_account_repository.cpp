#include "server/storage/memory_account_repository.h"

namespace trueque {

Result<std::optional<Account>> MemoryAccountRepository::find(const std::string& username) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(username);
  if (found == accounts_.end()) return std::optional<Account>();
  return std::optional<Account>(found->second);
}

Status MemoryAccountRepository::create(const Account& account) {
  const std::lock_guard lock(mutex_);
  if (accounts_.try_emplace(account.username, account).second) return {};
  return make_error(Code::kAlreadyExists, "This account exists already.");
}

Status MemoryAccountRepository::set_password(const Account& account) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(account.username);
  if (found == accounts_.end()) return make_error(Code::kNotFound, "There is no such account.");
  found->second = account;
  return {};
}

}  // namespace trueque
