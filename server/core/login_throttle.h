// Slows guessing down: after five wrong passwords in a row for one name from one
// address further tries are refused, for 30 s at first and twice as long after
// each further wrong password, up to 15 min. Other names and addresses are
// unaffected. Memory is bounded; any thread may call.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/base/clock.h"

namespace trueque {

class LoginThrottle {
 public:
  explicit LoginThrottle(const Clock& clock) : clock_(clock) {}

  // How long this name must still wait from this address; nothing when it need not.
  std::optional<std::chrono::seconds> wait_time(const std::string& username,
                                                const std::string& address);
  void note_failure(const std::string& username, const std::string& address);
  void note_success(const std::string& username, const std::string& address);

 private:
  struct Record {
    int failures = 0;
    Clock::Steady blocked_until{};
    Clock::Steady last_failure{};
  };

  void forget_old(Clock::Steady now);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Record> records_;  // guarded by mutex_
};

}  // namespace trueque
