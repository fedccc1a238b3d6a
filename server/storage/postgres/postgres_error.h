// The one table from what PostgreSQL and its library report to our errors.
#pragma once

#include <exception>
#include <string>

#include "common/base/error.h"

namespace trueque {

// Where a failed transaction leaves us.
enum class DatabaseFault {
  kConnection,   // the connection is of no use any more; nothing was kept
  kConflict,     // with another transaction; the same again may do
  kInDoubt,      // it ended while it was committing: nobody knows whether it was kept
  kNoMemory,     // here, for what the database answered
  kUnavailable,  // the database cannot do it now: its disk is full, it takes no writes, ...
  kOurs,         // a statement of ours is wrong
};

DatabaseFault database_fault(const std::exception& failure);

// kUnavailable with retry_after and the database's reason, in one line.
Error database_unavailable(const std::exception& failure);
Error database_in_doubt();
Error no_memory_for_database();
Error database_defect(const std::exception& failure);

}  // namespace trueque
