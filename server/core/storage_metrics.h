// What storage does, counted, and whether changes can be made durable now. Passes
// everything on to another watcher. Any thread.
#pragma once

#include <mutex>
#include <optional>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "server/core/counter.h"
#include "server/core/histogram.h"
#include "server/core/storage_watcher.h"

namespace trueque {

class StorageMetrics final : public StorageWatcher {
 public:
  // The references must outlive it.
  StorageMetrics(const Clock& clock, StorageWatcher& next) : clock_(clock), next_(next) {}

  void recovered(const StorageRecovery& what) override;
  void synced(const StorageSync& what) override;
  void sync_failed(const Error& error) override;
  void snapshot_written(const StorageSnapshot& what) override;
  void snapshot_failed(const Error& error) override;

  // An error while the last changes could not be made durable. That nobody tries any
  // more is no reason to stay away for ever: after kDoubt without a failure it is as
  // good as well, and the next change shows.
  Status writable() const;
  static constexpr std::chrono::seconds kDoubt{10};

  const Histogram& sync_seconds() const { return sync_seconds_; }
  const Histogram& sync_changes() const { return sync_changes_; }
  const Histogram& snapshot_seconds() const { return snapshot_seconds_; }
  std::uint64_t journal_bytes() const { return journal_bytes_.value(); }
  std::uint64_t failed_syncs() const { return failed_syncs_.value(); }
  std::uint64_t failed_snapshots() const { return failed_snapshots_.value(); }

 private:
  struct Failure {
    Error error;
    Clock::Steady at;
  };

  const Clock& clock_;
  StorageWatcher& next_;
  Histogram sync_seconds_{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                          0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};
  Histogram sync_changes_{1, 2, 4, 8, 16, 32, 64, 128, 256};
  Histogram snapshot_seconds_{0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60};
  Counter journal_bytes_, failed_syncs_, failed_snapshots_;
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;  // guarded by mutex_
};

}  // namespace trueque
