#include "common/base/token_bucket.h"

#include <algorithm>

namespace trueque {
namespace {

// So far ahead that it is never, and sums of such still fit.
constexpr TokenBucket::Duration kNever = std::chrono::hours(24 * 365 * 30);

}  // namespace

TokenBucket::TokenBucket(const Clock& clock, std::uint64_t rate, std::uint64_t burst)
    : clock_(clock), rate_(rate), burst_(burst), full_at_(clock.steady()) {}

TokenBucket::Duration TokenBucket::wait_for(std::uint64_t bytes) const {
  const std::lock_guard lock(mutex_);
  return wait_locked(bytes);
}

void TokenBucket::take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  take_locked(bytes);
}

TokenBucket::Duration TokenBucket::try_take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const Duration wait = wait_locked(bytes);
  if (wait == Duration::zero()) take_locked(bytes);
  return wait;
}

// The time `bytes` take at the rate. Counting in time keeps waits exact: after a
// wait of what this said, the bytes may go.
TokenBucket::Duration TokenBucket::cost(std::uint64_t bytes) const {
  const double seconds = static_cast<double>(bytes) / static_cast<double>(rate_);
  if (seconds >= std::chrono::duration<double>(kNever).count()) return kNever;
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(seconds));
}

TokenBucket::Duration TokenBucket::wait_locked(std::uint64_t bytes) const {
  if (rate_ == 0) return Duration::zero();
  const Clock::Steady now = clock_.steady();
  const Duration empty = std::max(full_at_ - now, Duration::zero());
  return std::max(empty + cost(std::min(bytes, burst_)) - cost(burst_), Duration::zero());
}

void TokenBucket::take_locked(std::uint64_t bytes) {
  if (rate_ == 0) return;
  const Clock::Steady now = clock_.steady();
  full_at_ = std::min(std::max(full_at_, now) + cost(bytes), now + kNever);
}

}  // namespace trueque
