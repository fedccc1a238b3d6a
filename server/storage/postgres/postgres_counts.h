// How many peers, files, names and contents a database has. Peers and files are always
// exact. Different names and contents are found by looking at all files, which takes some
// seconds for a million; so what was counted is told again for as long as nothing has changed,
// and in a large directory for a minute even so. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "server/core/directory_repository.h"
#include "server/storage/postgres/postgres_pool.h"

namespace trueque {

struct PostgresCountsLimits {
  std::uint64_t exact_up_to = 100'000;  // files; with more, names and contents may be older
  std::chrono::seconds oldest{60};
};

class PostgresCounts {
 public:
  // References must outlive it.
  PostgresCounts(PostgresPool& pool, const Clock& clock, PostgresCountsLimits limits = {})
      : pool_(pool), clock_(clock), limits_(limits) {}

  Result<RepositoryCounts> read();

 private:
  struct Counted {
    std::string state;  // the same text: nothing has changed
    Clock::Steady when;
    std::uint64_t names = 0, contents = 0;
  };

  // What was counted, if that may be told still. One caller at a time counts anew.
  std::optional<Counted> kept(const std::string& state, std::uint64_t files);
  Result<Counted> count(const std::string& state);

  PostgresPool& pool_;
  const Clock& clock_;
  const PostgresCountsLimits limits_;
  std::mutex mutex_;
  std::optional<Counted> counted_;  // guarded by mutex_
  bool is_counting_ = false;        // guarded by mutex_
};

}  // namespace trueque
