// Tells the log what storage does. A disk that refuses is told of once until it takes
// changes again. Any thread.
#pragma once

#include <mutex>

#include "common/base/logging.h"
#include "server/core/storage_watcher.h"

namespace trueque {

class StorageLog final : public StorageWatcher {
 public:
  // The log must outlive it.
  explicit StorageLog(const Log& log) : log_(log) {}

  void recovered(const StorageRecovery& what) override;
  void synced(const StorageSync& what) override;
  void sync_failed(const Error& error) override;
  void snapshot_written(const StorageSnapshot& what) override;
  void snapshot_failed(const Error& error) override;

 private:
  const Log& log_;
  std::mutex mutex_;
  std::string refused_;      // guarded by mutex_: why changes are refused; empty: they are not
  std::string no_snapshot_;  // guarded by mutex_
};

}  // namespace trueque
