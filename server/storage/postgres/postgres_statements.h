// Every statement the repositories prepare, in one place to read. Where a statement takes
// a time, null stands for the database's own clock, so that replicas agree.
#pragma once

#include <span>

namespace trueque {

struct PostgresStatement {
  const char* name;
  const char* sql;
};

std::span<const PostgresStatement> postgres_statements();

}  // namespace trueque
