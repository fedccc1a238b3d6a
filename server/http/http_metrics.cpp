#include "server/http/http_metrics.h"

namespace trueque {

void HttpMetrics::answered(std::string_view route, int status, std::chrono::duration<double> took) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  times_[route].seconds.note(in_seconds(took));
}

void HttpMetrics::connected(std::size_t members, std::size_t guests) {
  members_ = members;
  guests_ = guests;
}

std::map<std::pair<std::string_view, int>, std::uint64_t> HttpMetrics::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::map<std::string_view, Histogram::Reading> HttpMetrics::times() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string_view, Histogram::Reading> readings;
  for (const auto& [route, times] : times_) readings.emplace(route, times.seconds.read());
  return readings;
}

}  // namespace trueque
