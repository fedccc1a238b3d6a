#include "server/storage/postgres/postgres_error.h"

#include <new>
#include <pqxx/pqxx>
#include <string_view>

#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::chrono::seconds kRetryAfter{2};

// The first line of what was reported: those after it repeat the statement.
std::string reason_of(const std::exception& failure) {
  std::string_view text = failure.what();
  while (text.starts_with('\n') || text.starts_with(' ')) text.remove_prefix(1);
  std::string line(text.substr(0, text.find('\n')));
  return printable(line);
}

// Classes of SQLSTATE, PostgreSQL's manual, appendix A.
DatabaseFault fault_of_state(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  if (kind == "57" || kind == "08") return DatabaseFault::kConnection;  // shut down, lost
  if (kind == "40") return DatabaseFault::kConflict;  // serialization failure, deadlock
  // Out of resources (a full disk), system errors, or only for reading.
  if (kind == "53" || kind == "58" || state == "25006") return DatabaseFault::kUnavailable;
  return DatabaseFault::kOurs;
}

}  // namespace

DatabaseFault database_fault(const std::exception& failure) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&failure) != nullptr)
    return DatabaseFault::kInDoubt;
  if (dynamic_cast<const pqxx::broken_connection*>(&failure) != nullptr)
    return DatabaseFault::kConnection;
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) return DatabaseFault::kNoMemory;
  if (const auto* error = dynamic_cast<const pqxx::sql_error*>(&failure))
    return fault_of_state(error->sqlstate());
  return DatabaseFault::kOurs;
}

Error database_unavailable(const std::exception& failure) {
  return Error{Code::kUnavailable,
               "The directory's database cannot be used now: " + reason_of(failure) +
                   ". Try again in a few seconds.",
               kRetryAfter};
}

Error database_in_doubt() {
  return Error{Code::kUnavailable,
               "The directory's database went away before it said whether the change was kept. Try "
               "again in a few seconds.",
               kRetryAfter};
}

Error no_memory_for_database() {
  return Error{Code::kUnavailable,
               "The directory has no memory for this request now. Try again in a few seconds.",
               kRetryAfter};
}

Error database_defect(const std::exception& failure) {
  return make_error(Code::kInternal,
                    "The directory's database refused a request that should be "
                    "right: " +
                        reason_of(failure) + ".");
}

}  // namespace trueque
