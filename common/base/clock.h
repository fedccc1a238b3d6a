// Time, as a seam: everything that waits or expires asks a Clock, so that tests
// move it by hand. Implementations may be called from any thread.
#pragma once

#include <chrono>

namespace trueque {

class Clock {
 public:
  using Wall = std::chrono::system_clock::time_point;
  using Steady = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;

  // Calendar time; may jump. For what is written to disk and shown to people.
  virtual Wall wall() const = 0;
  // Never goes back. For leases, time-outs and rates.
  virtual Steady steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  Wall wall() const override { return std::chrono::system_clock::now(); }
  Steady steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace trueque
