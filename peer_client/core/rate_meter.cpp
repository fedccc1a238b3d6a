#include "peer_client/core/rate_meter.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kWindow{250};
constexpr double kSilent = 2;    // seconds after which a window counts though it is not full
constexpr double kNewest = 0.4;  // weight of the window that just ended

double seconds(Clock::Steady::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void RateMeter::start(Clock::Steady now) {
  bytes_ = 0;
  window_start_ = now;
}

void RateMeter::add(std::uint64_t bytes, Clock::Steady now) {
  bytes_ += bytes;
  const auto time = now - window_start_;
  if (time < kWindow) return;
  const double newest = static_cast<double>(bytes_) / seconds(time);
  rate_ = rate_ == 0 ? newest : kNewest * newest + (1 - kNewest) * rate_;
  start(now);
}

double RateMeter::rate(Clock::Steady now) const {
  const double time = seconds(now - window_start_);
  if (rate_ == 0) return time > 0 ? static_cast<double>(bytes_) / time : 0;
  if (time <= kSilent) return rate_;
  return std::min(rate_, static_cast<double>(bytes_) / time);
}

}  // namespace trueque
