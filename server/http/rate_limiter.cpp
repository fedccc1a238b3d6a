#include "server/http/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace trueque {

RateLimiter::RateLimiter(std::uint32_t requests_per_second, const Clock& clock,
                         std::size_t max_keys)
    : rate_(requests_per_second), max_keys_(max_keys), clock_(clock) {}

double RateLimiter::refilled(const Bucket& bucket, Clock::Steady now) const {
  const std::chrono::duration<double> since = now - bucket.filled;
  return std::min(rate_, bucket.credit + since.count() * rate_);
}

// Buckets that are full again say nothing and may go; when none is, any may.
void RateLimiter::make_room(Clock::Steady now) {
  if (buckets_.size() < max_keys_) return;
  std::erase_if(buckets_, [&](const auto& entry) { return refilled(entry.second, now) >= rate_; });
  if (buckets_.size() >= max_keys_) buckets_.erase(buckets_.begin());
}

std::optional<std::chrono::milliseconds> RateLimiter::take(const std::string& key) {
  if (!limits()) return std::nullopt;
  const Clock::Steady now = clock_.steady();
  const std::size_t hash = std::hash<std::string>()(key);
  const std::lock_guard lock(mutex_);
  auto found = buckets_.find(hash);
  if (found == buckets_.end()) {
    make_room(now);
    found = buckets_.emplace(hash, Bucket{rate_, now}).first;
  }
  Bucket& bucket = found->second;
  bucket.credit = refilled(bucket, now);
  bucket.filled = now;
  if (bucket.credit >= 1) {
    bucket.credit -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(std::lround(std::ceil((1 - bucket.credit) / rate_ * 1000)));
}

}  // namespace trueque
