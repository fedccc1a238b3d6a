// Takes a snapshot whenever one is due, on a thread of its own. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "server/core/storage_watcher.h"
#include "server/storage/snapshot/snapshot_schedule.h"

namespace trueque {

class SnapshotKeeper {
 public:
  // Cuts the journal, calling began(), and writes a snapshot.
  using Take = std::function<Result<StorageSnapshot>()>;

  // References must outlive it.
  SnapshotKeeper(const Clock& clock, StorageWatcher& watcher, Take take);
  ~SnapshotKeeper() { stop(); }
  SnapshotKeeper(const SnapshotKeeper&) = delete;
  SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

  // The journal has so many bytes since it was cut.
  void journal_has(std::uint64_t bytes);
  void began();
  // Whether there is anything that no snapshot has.
  bool is_behind() const;
  // Looks at the clock now.
  void wake();
  // Ends the thread, after the snapshot under way if there is one. May be called twice.
  void stop();
  // Takes one at once, on the caller's thread; after stop().
  void take();

 private:
  void run();
  bool is_due() const;

  const Clock& clock_;
  StorageWatcher& watcher_;
  const Take take_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  SnapshotSchedule schedule_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::thread thread_;
};

}  // namespace trueque
