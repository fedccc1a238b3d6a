// What the HTTP server does, counted. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "server/core/counter.h"
#include "server/core/histogram.h"

namespace trueque {

// Why a client was sent away without its request being looked at.
enum class Refusal { kNoPlace, kBusy, kMemory };
inline constexpr std::array<std::pair<Refusal, std::string_view>, 3> kRefusals = {
    {{Refusal::kNoPlace, "connections"}, {Refusal::kBusy, "busy"}, {Refusal::kMemory, "memory"}}};

class HttpMetrics {
 public:
  // Routes and statuses come from short lists; the text of a route must live for ever.
  void answered(std::string_view route, int status, std::chrono::duration<double> took);
  void refused(Refusal why) { refusals_[static_cast<std::size_t>(why)].add(); }
  void connected(std::size_t members, std::size_t guests);

  std::uint64_t refusals(Refusal why) const {
    return refusals_[static_cast<std::size_t>(why)].value();
  }
  std::size_t members() const { return members_; }
  std::size_t guests() const { return guests_; }
  std::map<std::pair<std::string_view, int>, std::uint64_t> requests() const;
  std::map<std::string_view, Histogram::Reading> times() const;  // seconds

 private:
  struct Times {
    Histogram seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                      0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string_view, int>, std::uint64_t> requests_;  // guarded by mutex_
  std::map<std::string_view, Times> times_;                             // guarded by mutex_
  std::array<Counter, kRefusals.size()> refusals_;
  std::atomic<std::size_t> members_ = 0;
  std::atomic<std::size_t> guests_ = 0;
};

}  // namespace trueque
