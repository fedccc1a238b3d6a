#include "server/core/storage_metrics.h"

namespace trueque {

void StorageMetrics::recovered(const StorageRecovery& what) { next_.recovered(what); }

void StorageMetrics::synced(const StorageSync& what) {
  sync_seconds_.note(in_seconds(what.took));
  sync_changes_.note(static_cast<double>(what.changes));
  journal_bytes_.add(what.bytes);
  {
    const std::lock_guard lock(mutex_);
    failure_.reset();
  }
  next_.synced(what);
}

void StorageMetrics::sync_failed(const Error& error) {
  failed_syncs_.add();
  {
    const std::lock_guard lock(mutex_);
    failure_ = Failure{error, clock_.steady()};
  }
  next_.sync_failed(error);
}

void StorageMetrics::snapshot_written(const StorageSnapshot& what) {
  snapshot_seconds_.note(in_seconds(what.took));
  next_.snapshot_written(what);
}

void StorageMetrics::snapshot_failed(const Error& error) {
  failed_snapshots_.add();
  next_.snapshot_failed(error);
}

Status StorageMetrics::writable() const {
  const std::lock_guard lock(mutex_);
  if (!failure_ || clock_.steady() - failure_->at >= kDoubt) return {};
  return make_error(Code::kUnavailable, "Changes cannot be kept: " + failure_->error.message);
}

}  // namespace trueque
