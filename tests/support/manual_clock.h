// A clock that stands still until a test moves it.
#pragma once

#include <atomic>

#include "common/base/clock.h"

namespace trueque::testing {

class ManualClock final : public Clock {
 public:
  Wall wall() const override {
    return Wall(std::chrono::seconds(1'700'000'000)) +
           std::chrono::duration_cast<Wall::duration>(
               std::chrono::milliseconds(elapsed_ms_.load()));
  }
  Steady steady() const override {
    return Steady(std::chrono::hours(1)) + std::chrono::milliseconds(elapsed_ms_.load());
  }
  void advance(std::chrono::milliseconds by) { elapsed_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> elapsed_ms_ = 0;
};

}  // namespace trueque::testing
