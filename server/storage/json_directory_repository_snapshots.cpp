// How JsonDirectoryRepository writes its snapshots. Whatever a snapshot holds must be in
// the journal before it takes the place of the last one: a change that its tables had and
// that was refused later would come back with it.
#include <exception>
#include <mutex>
#include <shared_mutex>

#include "server/storage/journal/journal_segments.h"
#include "server/storage/json_directory_repository.h"
#include "server/storage/snapshot/snapshot_writer.h"

namespace trueque {
namespace {

Error overtaken() {
  return make_error(Code::kAborted, "changes were refused while it was written");
}

}  // namespace

Result<StorageSnapshot> JsonDirectoryRepository::take_snapshot() {
  if (!writer_.joinable()) return write_whole_snapshot(files_, paths_, tables_);
  std::uint64_t failures = 0;
  {
    const std::shared_lock lock(mutex_);
    failures = failures_;
  }
  const auto journal = ask_for_cut();
  if (!journal) return journal.error();
  SnapshotCursor cursor;
  SnapshotWriter writer(files_, paths_);
  bool is_broken_off = false;
  const auto next = [&]() -> std::optional<SnapshotSlice> {
    const std::shared_lock lock(mutex_);
    // Closing writes one of its own, and should not have to wait for two.
    is_broken_off = closing_;
    return closing_ ? std::nullopt : cursor.next(tables_);
  };
  Status status = writer.write(next, *journal);
  if (is_broken_off) status = make_error(Code::kCancelled, "the directory stops");
  if (status) status = wait_for_waiting(failures);
  if (status) status = writer.publish();
  if (status) status = remove_segments_below(files_, paths_.journal, *journal);
  if (!status) return status.error();
  return StorageSnapshot{cursor.peers(), cursor.files(), writer.bytes(), {}};
}

// The writer does it, between two batches.
Result<std::uint64_t> JsonDirectoryRepository::ask_for_cut() {
  std::future<Result<std::uint64_t>> number;
  {
    const std::unique_lock lock(mutex_);
    cut_wanted_ = true;
    number = cut_.get_future();
  }
  wake_.notify_one();
  return number.get();
}

void JsonDirectoryRepository::cut_journal() {
  Result<std::uint64_t> number = make_error(Code::kInternal, "the journal was not cut");
  try {
    number = journal_->rotate();
  } catch (const std::exception& error) {
    number = make_error(Code::kInternal, error.what());
  }
  if (number) snapshots_->began();
  std::promise<Result<std::uint64_t>> cut;
  {
    const std::unique_lock lock(mutex_);
    cut_wanted_ = false;
    cut = std::exchange(cut_, {});
  }
  cut.set_value(number);
}

Status JsonDirectoryRepository::wait_for_waiting(std::uint64_t failures) {
  std::future<Status> done;
  {
    const std::unique_lock lock(mutex_);
    if (failures_ != failures) return overtaken();
    if (pending_.empty() && !writing_) return {};
    done = pending_.emplace_back().done.get_future();
  }
  wake_.notify_one();
  return done.get() ? Status() : Status(overtaken());
}

}  // namespace trueque
