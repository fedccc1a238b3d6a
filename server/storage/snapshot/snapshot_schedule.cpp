#include "server/storage/snapshot/snapshot_schedule.h"

#include <algorithm>

namespace trueque {
namespace {

using std::chrono::seconds;
using Duration = std::chrono::steady_clock::duration;

constexpr std::uint64_t kLeastJournal = 8UL * 1024 * 1024;
constexpr int kShare = 100;
constexpr Duration kSoonest = seconds(1);
constexpr Duration kLatest = seconds(300);
constexpr Duration kAfterFailure = seconds(5);

}  // namespace

SnapshotSchedule::SnapshotSchedule() : pause_(kAfterFailure) {}

void SnapshotSchedule::journal_has(std::uint64_t bytes, Time now) {
  journal_bytes_ = bytes;
  if (bytes > 0 && !oldest_) oldest_ = now;
}

void SnapshotSchedule::began() {
  oldest_under_way_ = oldest_;
  oldest_.reset();
  journal_bytes_ = 0;
}

void SnapshotSchedule::succeeded(Duration took, std::uint64_t bytes) {
  last_took_ = took;
  last_bytes_ = bytes;
  oldest_under_way_.reset();
  not_before_.reset();
  pause_ = kAfterFailure;
}

void SnapshotSchedule::failed(Time now) {
  if (oldest_under_way_) oldest_ = oldest_under_way_;
  oldest_under_way_.reset();
  not_before_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLatest);
}

std::optional<SnapshotSchedule::Time> SnapshotSchedule::due() const {
  if (!oldest_) return std::nullopt;
  const bool outgrown = journal_bytes_ > std::max(kLeastJournal, last_bytes_ / 2);
  const Duration patience =
      outgrown ? Duration(0) : std::clamp<Duration>(last_took_ * kShare, kSoonest, kLatest);
  return std::max(*oldest_ + patience, not_before_.value_or(Time::min()));
}

}  // namespace trueque
