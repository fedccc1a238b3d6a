// Slows guessing down: after five wrong passwords in a row for one name from one
// address further tries are refused, for 30 s at first and twice as long after
// each further wrong password, up to 15 min. Other names and addresses are
// unaffected.
//
// Each try is an Attempt, which begins before the password is hashed and is
// settled afterwards. Tries still being hashed count as if they were wrong, so
// that many at once cannot slip past; one too many waits until it is known how
// those before it ended, and so is never refused on a guess.
//
// Memory is bounded; any thread may call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace trueque {

class LoginThrottle {
 public:
  using Key = std::pair<std::string, std::string>;  // name, address

  // One try. Settle it with succeed() or fail(); otherwise it never counted.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept
        : throttle_(std::exchange(other.throttle_, nullptr)), key_(std::move(other.key_)) {}
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();

    void succeed();
    void fail();

   private:
    friend class LoginThrottle;
    Attempt(LoginThrottle* throttle, Key key) : throttle_(throttle), key_(std::move(key)) {}

    LoginThrottle* throttle_;
    Key key_;
  };

  explicit LoginThrottle(const Clock& clock, std::size_t capacity = 50'000)
      : clock_(clock), capacity_(capacity) {}

  // kResourceExhausted with retry_after while this name is refused from this address.
  Result<Attempt> begin(const std::string& username, const std::string& address);

  std::size_t records() const;  // how many names and addresses are remembered

 private:
  enum class Outcome { kRight, kWrong, kUnknown };
  struct Record {
    int failures = 0;
    int running = 0;  // attempts begun and not settled
    Clock::Steady blocked_until{};
    Clock::Steady last_failure{};
  };

  void settle(const Key& key, Outcome outcome);
  void make_room(Clock::Steady now);

  const Clock& clock_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::map<Key, Record> records_;  // guarded by mutex_
};

}  // namespace trueque
