// The accounts file as text: {"version": 1, "accounts": [{username, password_hash}]}.
// Pure functions.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "server/core/account_repository.h"
#include "server/storage/json_reading.h"

namespace trueque {

using Accounts = std::map<std::string, Account>;

std::string write_accounts(const Accounts& accounts);
// kDataLoss saying where.
Result<Accounts> read_accounts(std::string_view text);

// The member alone, `"accounts": [...]`, of any document.
void append_accounts(std::string& out, const Accounts& accounts);
Accounts read_accounts_member(const nlohmann::json& document, JsonShape& shape);

}  // namespace trueque
