// The seam to accounts: a name and the encoded hash of its password.
// A change is durable when its verb returns without an error. Any thread.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace trueque {

struct Account {
  std::string username;
  std::string password_hash;  // libsodium's encoding of Argon2id, salt and cost included
};

class AccountRepository {
 public:
  virtual ~AccountRepository() = default;

  virtual Result<std::optional<Account>> find(const std::string& username) const = 0;
  // kAlreadyExists when the name is taken, which decides between two first logins.
  virtual Status create(const Account& account) = 0;
  // kNotFound when there is none.
  virtual Status set_password(const Account& account) = 0;
};

}  // namespace trueque
