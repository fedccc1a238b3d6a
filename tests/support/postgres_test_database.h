// The database a run of tests is given (see postgres_cluster.py), emptied for each test.
#pragma once

#include <cstdlib>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>

#include "server/storage/postgres/postgres_migrations.h"
#include "server/storage/postgres/postgres_pool.h"

namespace trueque::testing {

class PostgresTestDatabase {
 public:
  static bool is_given() { return std::getenv("TRUEQUE_TEST_POSTGRES") != nullptr; }

  PostgresTestDatabase()
      : pool_({.url = url(), .connections = 4, .patience = std::chrono::seconds(10)}) {
    const Status migrated = migrate_postgres(url());
    if (!migrated.ok()) throw std::runtime_error(migrated.error().message);
    pqxx::connection connection(url());
    pqxx::nontransaction(connection).exec("truncate peers, sessions, files, accounts");
  }

  PostgresPool& pool() { return pool_; }
  static std::string url() { return std::getenv("TRUEQUE_TEST_POSTGRES"); }

 private:
  PostgresPool pool_;
};

}  // namespace trueque::testing
