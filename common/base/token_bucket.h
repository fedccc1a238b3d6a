// A limit on bytes a second that forgives short pauses: up to `burst` bytes may
// go at once after a quiet time, and in the long run no more than `rate` a second.
// More than a burst may go too, from a full bucket; the debt is waited for after.
//
// Nothing waits here: it says how long to wait. Any thread may call; between
// wait_for() and take() another may have taken, which makes a debt, not an error.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "common/base/clock.h"

namespace trueque {

class TokenBucket {
 public:
  using Duration = std::chrono::nanoseconds;

  // `rate` in bytes a second, 0 for no limit; `burst` in bytes. Begins full.
  // `clock` must outlive the bucket.
  TokenBucket(const Clock& clock, std::uint64_t rate, std::uint64_t burst);

  // How long until `bytes` may go; zero: now.
  Duration wait_for(std::uint64_t bytes) const;
  // The bytes go now, into debt if need be.
  void take(std::uint64_t bytes);
  // Zero: they are taken. Else how long until it is worth asking again.
  Duration try_take(std::uint64_t bytes);

  bool limited() const { return rate_ != 0; }
  std::uint64_t rate() const { return rate_; }

 private:
  Duration cost(std::uint64_t bytes) const;
  Duration wait_locked(std::uint64_t bytes) const;
  void take_locked(std::uint64_t bytes);

  const Clock& clock_;
  const std::uint64_t rate_;
  const std::uint64_t burst_;
  mutable std::mutex mutex_;  // guards full_at_
  Clock::Steady full_at_;     // when the bucket is full again
};

}  // namespace trueque
