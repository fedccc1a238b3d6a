// How fast bytes arrive of late, in bytes a second. Slows down by itself while
// nothing arrives. Times are handed in. Not synchronised.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/clock.h"

namespace trueque {

class RateMeter {
 public:
  // Time without bytes before this does not count.
  void start(Clock::Steady now);
  void add(std::uint64_t bytes, Clock::Steady now);
  // 0 while unknown.
  double rate(Clock::Steady now) const;

 private:
  double rate_ = 0;  // of the windows before this one
  std::uint64_t bytes_ = 0;
  Clock::Steady window_start_{};
};

}  // namespace trueque
