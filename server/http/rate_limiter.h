// A token bucket for each key: so many requests a second on average, one second's
// worth at once. Memory is bounded. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/base/clock.h"

namespace trueque {

class RateLimiter {
 public:
  // Zero requests a second: no limit.
  RateLimiter(std::uint32_t requests_per_second, const Clock& clock,
              std::size_t max_keys = 100'000);

  bool limits() const { return rate_ > 0; }

  // Counts one request; how long to wait when it is one too many.
  std::optional<std::chrono::milliseconds> take(const std::string& key);

 private:
  struct Bucket {
    double credit = 0;  // requests that may come now
    Clock::Steady filled;
  };

  void make_room(Clock::Steady now);
  double refilled(const Bucket& bucket, Clock::Steady now) const;

  const double rate_;
  const std::size_t max_keys_;
  const Clock& clock_;
  std::mutex mutex_;
  // Guarded by mutex_. Keyed by a hash: keys may be tokens, and long.
  std::unordered_map<std::size_t, Bucket> buckets_;
};

}  // namespace trueque
