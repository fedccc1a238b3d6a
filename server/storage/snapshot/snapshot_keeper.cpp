#include "server/storage/snapshot/snapshot_keeper.h"

#include <exception>

namespace trueque {
namespace {

// The clock may be one that somebody moves by hand.
constexpr std::chrono::milliseconds kLook{100};

}  // namespace

SnapshotKeeper::SnapshotKeeper(const Clock& clock, StorageWatcher& watcher, Take take)
    : clock_(clock), watcher_(watcher), take_(std::move(take)), thread_([this] { run(); }) {}

void SnapshotKeeper::journal_has(std::uint64_t bytes) {
  const Clock::Steady now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const bool was_due = is_due();
  schedule_.journal_has(bytes, now);
  if (!was_due && is_due()) wake_.notify_one();
}

void SnapshotKeeper::began() {
  const std::lock_guard lock(mutex_);
  schedule_.began();
}

bool SnapshotKeeper::is_behind() const {
  const std::lock_guard lock(mutex_);
  return schedule_.due().has_value();
}

void SnapshotKeeper::wake() {
  const std::lock_guard lock(mutex_);
  wake_.notify_one();
}

void SnapshotKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool SnapshotKeeper::is_due() const {
  const auto due = schedule_.due();
  return due && *due <= clock_.steady();
}

void SnapshotKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (is_due()) {
      lock.unlock();
      take();
      lock.lock();
    } else {
      wake_.wait_for(lock, kLook);
    }
  }
}

void SnapshotKeeper::take() {
  const Clock::Steady begin = clock_.steady();
  Result<StorageSnapshot> taken = make_error(Code::kInternal, "not taken");
  // Memory may run out; that must not end the thread.
  try {
    taken = take_();
  } catch (const std::exception& error) {
    taken = make_error(Code::kInternal, error.what());
  }
  const Clock::Steady now = clock_.steady();
  {
    const std::lock_guard lock(mutex_);
    if (taken) {
      schedule_.succeeded(now - begin, taken->bytes);
    } else {
      schedule_.failed(now);
    }
  }
  if (!taken) return watcher_.snapshot_failed(taken.error());
  taken->took = std::chrono::duration_cast<std::chrono::microseconds>(now - begin);
  watcher_.snapshot_written(*taken);
}

}  // namespace trueque
