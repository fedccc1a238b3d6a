#include "server/storage/postgres/postgres_migrations.h"

#include <pqxx/pqxx>
#include <set>

#include "server/storage/postgres/postgres_error.h"

namespace trueque {
namespace {

// Any number, as long as nobody else locks with it: "trueque" on a telephone.
constexpr const char* kLockSql = "select pg_advisory_xact_lock(8783783)";

std::set<std::string> versions_there(pqxx::work& transaction) {
  transaction.exec("create table if not exists schema_versions (name text primary key)");
  std::set<std::string> names;
  for (const pqxx::row& row : transaction.exec("select name from schema_versions"))
    names.insert(row[0].as<std::string>());
  return names;
}

Status migrate(pqxx::connection& connection) {
  pqxx::work transaction(connection);
  transaction.exec(kLockSql);
  std::set<std::string> there = versions_there(transaction);
  for (const Migration& migration : postgres_migrations()) {
    if (there.erase(migration.name) > 0) continue;
    transaction.exec(migration.sql);
    transaction.exec_params("insert into schema_versions values ($1)", migration.name);
  }
  if (!there.empty()) {
    return make_error(Code::kFailedPrecondition,
                      "The database was made by a newer main-server: this one does not know its "
                      "version '" +
                          *there.begin() + "'. Run the newer one.");
  }
  transaction.commit();
  return {};
}

}  // namespace

Status migrate_postgres(const std::string& url) {
  try {
    pqxx::connection connection(url);
    return migrate(connection);
  } catch (const std::exception& failure) {
    return database_unavailable(failure);
  }
}

}  // namespace trueque
