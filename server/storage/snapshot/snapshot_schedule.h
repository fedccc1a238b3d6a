// When the next snapshot is due: when the journal has outgrown the last one, or when its
// oldest change has waited for a hundred times as long as that one took (a second at least,
// five minutes at most). So a small state is readable JSON a second later, and a large one
// spends about a hundredth of the time on snapshots. Not synchronised.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.h"

namespace trueque {

class SnapshotSchedule {
 public:
  using Time = Clock::Steady;

  SnapshotSchedule();

  // The journal has so many bytes since its last cut; `now` is when the last were added.
  void journal_has(std::uint64_t bytes, Time now);
  // The journal was cut for a snapshot that was read from then on.
  void began();
  void succeeded(std::chrono::steady_clock::duration took, std::uint64_t bytes);
  // It is tried again after 5 s, and twice as long after each failure more, up to five minutes.
  void failed(Time now);

  // Nothing while there is nothing to write.
  std::optional<Time> due() const;

 private:
  std::uint64_t journal_bytes_ = 0;
  std::optional<Time> oldest_;  // change that is in no snapshot
  std::optional<Time> oldest_under_way_;
  std::optional<Time> not_before_;
  std::chrono::steady_clock::duration pause_;  // after the next failure
  std::uint64_t last_bytes_ = 0;
  std::chrono::steady_clock::duration last_took_{0};
};

}  // namespace trueque
