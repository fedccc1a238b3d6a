// How hashing yields to serving. The least priority for the processor leaves those who
// hash the caches, the memory's bandwidth and the other half of a core, and with them a
// quarter of a transfer's rate; so while files are being sent at a rate that counts,
// whoever hashed for a while rests several times as long. Hashing never stops: on a peer
// that always serves it goes on at a tenth of its pace. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "common/base/clock.h"

namespace trueque {

class HashPace {
 public:
  using Duration = Clock::Steady::duration;

  // From here on serving counts, bytes a second: below it, hashing takes nothing it misses.
  static constexpr std::uint64_t kCountingRate = 16UL * 1024 * 1024;
  // Serving is measured over this, and over as soon as nothing was served for as long.
  static constexpr std::chrono::milliseconds kWindow{200};
  static constexpr int kRest = 9;  // times the work

  // `clock` must outlive it.
  explicit HashPace(const Clock& clock) : clock_(clock) {}

  void note_served(std::uint64_t bytes);
  // Whether files are being sent at a rate that counts.
  bool must_yield() const;
  // How long to rest after so much time of the processor's spent on hashing.
  Duration rest_after(Duration worked) const {
    return must_yield() ? worked * kRest : Duration::zero();
  }

 private:
  struct Window {
    Clock::Steady start;
    std::uint64_t bytes = 0;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards the windows
  Window current_{};
  Window former_{};
};

}  // namespace trueque
