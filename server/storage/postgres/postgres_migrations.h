// The versions of the database's schema: SQL files in migrations/, embedded, each run
// once and in the order of their names. A file that was released is never changed.
#pragma once

#include <span>
#include <string>

#include "common/base/result.h"

namespace trueque {

struct Migration {
  const char* name;  // the file's, without ".sql"
  const char* sql;
};

std::span<const Migration> postgres_migrations();

// Brings the database to the newest version, in one transaction. Servers that start at
// the same time wait for one another. kFailedPrecondition when the database has a
// version this program does not know; kUnavailable when it does not answer.
Status migrate_postgres(const std::string& url);

}  // namespace trueque
