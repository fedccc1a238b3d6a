// One page of find_files() in PostgreSQL: rows in the order of names, a stretch at a time,
// of which the filter's pattern picks; then the sources of those picked. Looks at a bounded
// number of rows. Made for one page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/core/directory_repository.h"

namespace pqxx {
class result;
class transaction_base;
}  // namespace pqxx

namespace trueque {

class PostgresFileListing {
 public:
  // References must outlive it.
  PostgresFileListing(pqxx::transaction_base& transaction, const FindRequest& request)
      : transaction_(transaction), request_(request), after_(request.after) {}

  FindResult page();

 private:
  std::string stretch_sql(std::size_t rows) const;
  std::string conditions() const;
  std::string names_or_contents() const;
  // False when the page ends with what was taken so far.
  bool take(const pqxx::result& rows);
  void add_sources();

  pqxx::transaction_base& transaction_;
  const FindRequest& request_;
  std::optional<SharedFile> after_;  // the last row looked at
  std::uint64_t looked_at_ = 0;
  std::uint64_t steps_ = 0;  // of the pattern
  FindResult result_;
};

}  // namespace trueque
