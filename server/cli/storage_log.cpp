#include "server/cli/storage_log.h"

#include <utility>

namespace trueque {
namespace {

std::int64_t milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

void StorageLog::recovered(const StorageRecovery& what) {
  log_.info("state_read", {{"peers", what.peers},
                           {"files", what.files},
                           {"journal_syncs", what.frames},
                           {"journal_bytes", what.bytes},
                           {"ms", milliseconds(what.took)}});
  if (what.torn_bytes == 0) return;
  log_.warning("journal_torn", {{"file", what.torn_file},
                                {"bytes", what.torn_bytes},
                                {"note", "dropped; they were never acknowledged"}});
}

void StorageLog::synced(const StorageSync& what) {
  {
    const std::lock_guard lock(mutex_);
    if (refused_.empty()) return;
    refused_.clear();
  }
  log_.info("changes_saved_again", {{"changes", what.changes}});
}

void StorageLog::sync_failed(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (refused_ == error.message) return;
    refused_ = error.message;
  }
  log_.error("changes_refused", {{"reason", error.message}});
}

void StorageLog::snapshot_written(const StorageSnapshot& what) {
  {
    const std::lock_guard lock(mutex_);
    no_snapshot_.clear();
  }
  // After each change that comes alone there is one.
  log_.debug("snapshot", {{"peers", what.peers},
                          {"files", what.files},
                          {"bytes", what.bytes},
                          {"ms", milliseconds(what.took)}});
}

void StorageLog::snapshot_failed(const Error& error) {
  if (error.code == Code::kCancelled) return;  // for another one
  {
    const std::lock_guard lock(mutex_);
    if (no_snapshot_ == error.message) return;
    no_snapshot_ = error.message;
  }
  log_.warning("snapshot_failed",
               {{"reason", error.message}, {"note", "the journal has it all; tried again soon"}});
}

}  // namespace trueque
