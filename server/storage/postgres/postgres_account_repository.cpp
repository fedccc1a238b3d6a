#include "server/storage/postgres/postgres_account_repository.h"

#include <pqxx/pqxx>

namespace trueque {

Result<std::optional<Account>> PostgresAccountRepository::find(const std::string& username) const {
  using Answer = std::optional<Account>;
  return pool_.read<Answer>([&](pqxx::transaction_base& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("find_account", username);
    return found.empty() ? Answer() : Answer(Account{username, found[0][0].as<std::string>()});
  });
}

Status PostgresAccountRepository::create(const Account& account) {
  return pool_.write<void>([&](pqxx::transaction_base& transaction) -> Status {
    const auto created =
        transaction.exec_prepared("create_account", account.username, account.password_hash);
    if (created.affected_rows() == 1) return {};
    return make_error(Code::kAlreadyExists, "This account exists already.");
  });
}

Status PostgresAccountRepository::set_password(const Account& account) {
  return pool_.write<void>([&](pqxx::transaction_base& transaction) -> Status {
    const auto changed =
        transaction.exec_prepared("set_password", account.username, account.password_hash);
    if (changed.affected_rows() == 1) return {};
    return make_error(Code::kNotFound, "There is no such account.");
  });
}

}  // namespace trueque
