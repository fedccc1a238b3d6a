// Counts the snapshots that were tried, for who waits for one.
#pragma once

#include <condition_variable>
#include <mutex>

#include "server/core/storage_watcher.h"

namespace trueque::testing {

class SnapshotCounter final : public StorageWatcher {
 public:
  void snapshot_written(const StorageSnapshot& /*what*/) override { count(); }
  void snapshot_failed(const Error& /*error*/) override { count(); }
  void wait_for(int tried) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tried_ >= tried; });
  }
  int tried() {
    const std::lock_guard lock(mutex_);
    return tried_;
  }

 private:
  void count() {
    const std::lock_guard lock(mutex_);
    ++tried_;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int tried_ = 0;
};

}  // namespace trueque::testing
