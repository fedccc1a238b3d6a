#include "server/storage/account_document.h"

namespace trueque {

using nlohmann::json;

void append_accounts(std::string& out, const Accounts& accounts) {
  out += "\"accounts\": [";
  bool first = true;
  for (const auto& [username, account] : accounts) {
    out += first ? "\n {\"username\": " : ",\n {\"username\": ";
    first = false;
    append_json_string(out, username);
    out += ", \"password_hash\": ";
    append_json_string(out, account.password_hash);
    out += "}";
  }
  out += "\n]";
}

std::string write_accounts(const Accounts& accounts) {
  std::string out = "{\"version\": 1, ";
  append_accounts(out, accounts);
  return out + "}\n";
}

Accounts read_accounts_member(const json& document, JsonShape& shape) {
  Accounts accounts;
  const json& list = shape.list(document, "accounts", "");
  for (std::size_t i = 0; i < list.size() && shape.ok(); ++i) {
    const std::string path = item_path("accounts", i);
    Account account{shape.text(list[i], "username", path),
                    shape.text(list[i], "password_hash", path)};
    const bool is_new = accounts.emplace(account.username, account).second;
    if (!is_new) shape.fail(member_path(path, "username"), "is there twice");
  }
  return accounts;
}

Result<Accounts> read_accounts(std::string_view text) {
  const Result<json> parsed = parse_json(text);
  if (!parsed.ok()) return parsed.error();
  JsonShape shape;
  shape.require_version(*parsed, 1);
  Accounts accounts = read_accounts_member(*parsed, shape);
  if (const Status status = shape.status(); !status) return status.error();
  return accounts;
}

}  // namespace trueque
