#include "server/storage/json_directory_repository.h"

#include <exception>
#include <iterator>
#include <mutex>
#include <random>

#include "server/storage/directory_import.h"
#include "server/storage/journal/journal_segments.h"
#include "server/storage/snapshot/snapshot_writer.h"

namespace trueque {
namespace {

constexpr mode_t kPublic = 0644;
constexpr std::chrono::seconds kRetryAfter{5};
constexpr std::size_t kMostInAFrame = 64UL * 1024 * 1024;

Error unavailable(const std::string& reason) {
  return Error{Code::kUnavailable,
               "The change could not be saved: " + reason + ". Try again in a few seconds.",
               kRetryAfter};
}

}  // namespace

Result<std::unique_ptr<JsonDirectoryRepository>> JsonDirectoryRepository::open(
    const std::string& path, const Clock& clock, StorageFiles& files, StorageWatcher& watcher) {
  Result<StatePaths> paths = state_paths(path);
  if (!paths.ok()) return paths.error();
  Result<FileLock> lock = FileLock::try_lock(paths->lock, paths->state);
  if (!lock.ok()) return lock.error();
  auto repository = std::make_unique<JsonDirectoryRepository>(Private(), *paths, *std::move(lock),
                                                              clock, files, watcher);
  if (Status status = repository->load(); !status) return status.error();
  repository->start();
  return repository;
}

JsonDirectoryRepository::JsonDirectoryRepository(Private /*key*/, StatePaths paths, FileLock lock,
                                                 const Clock& clock, StorageFiles& files,
                                                 StorageWatcher& watcher)
    : paths_(std::move(paths)),
      lock_(std::move(lock)),
      clock_(clock),
      files_(files),
      watcher_(watcher) {}

JsonDirectoryRepository::~JsonDirectoryRepository() { close(); }

void JsonDirectoryRepository::close() {
  {
    const std::unique_lock lock(mutex_);
    closing_ = true;
  }
  if (!writer_.joinable()) return;
  snapshots_->stop();  // while the writer can still cut the journal for it
  {
    const std::unique_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  writer_.join();
  if (journal_->is_there()) snapshots_->take();
}

Status JsonDirectoryRepository::load() {
  if (Status status = finish_import(files_, paths_, clock_); !status) return status;
  // Beyond those of an earlier start, which made less than a million changes a second.
  const auto started = clock_.wall().time_since_epoch();
  tables_.begin_revisions(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(started).count()));
  auto loaded = StateLoader(files_, paths_, clock_, tables_).load();
  if (!loaded) return loaded.error();
  loaded_ = *std::move(loaded);
  // What was replayed may have been written by a process that ended before it was synced,
  // and what is acknowledged from now on rests on it.
  if (loaded_.tail.number != 0) {
    const std::string last = segment_path(paths_.journal, loaded_.tail.number);
    if (Status status = files_.sync(last); !status) return status;
  }
  watcher_.recovered(loaded_.recovery);
  return loaded_.original.empty() ? Status() : keep_original();
}

Status JsonDirectoryRepository::keep_original() {
  const auto kept = files_.read(paths_.original);
  if (!kept.ok() || *kept != loaded_.original) {
    const auto copy = unused_path(files_, paths_.original);
    if (!copy) return copy.error();
    if (Status status = replace_file(files_, *copy, loaded_.original, kPublic); !status)
      return status;
  }
  const auto upgraded = write_whole_snapshot(files_, paths_, tables_);
  return upgraded ? Status() : Status(upgraded.error());
}

void JsonDirectoryRepository::start() {
  journal_ = std::make_unique<Journal>(files_, paths_.journal, loaded_.tail,
                                       [] { return std::random_device()(); });
  snapshots_ =
      std::make_unique<SnapshotKeeper>(clock_, watcher_, [this] { return take_snapshot(); });
  snapshots_->journal_has(loaded_.tail.bytes);
  writer_ = std::thread([this] { run(); });
}

Status JsonDirectoryRepository::make_durable(std::unique_lock<TurnTakingMutex> lock,
                                             Change change) {
  if (closing_) {
    for (auto undo = change.undo.rbegin(); undo != change.undo.rend(); ++undo) (*undo)();
    return unavailable("the directory is shutting down");
  }
  if (change.empty() && pending_.empty() && !writing_) return {};
  Pending& pending = pending_.emplace_back();
  pending.change = std::move(change);
  std::future<Status> done = pending.done.get_future();
  lock.unlock();
  wake_.notify_one();
  return done.get();
}

void JsonDirectoryRepository::run() {
  while (true) {
    bool cut = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || cut_wanted_ || !pending_.empty(); });
      cut = cut_wanted_;
      if (!cut && pending_.empty()) return;
    }
    if (cut) cut_journal();
    write_waiting();
  }
}

void JsonDirectoryRepository::write_waiting() {
  std::vector<Pending> batch = take_batch();
  if (batch.empty()) return;
  const Status status = append(batch);
  {
    const std::unique_lock lock(mutex_);
    writing_ = false;
    if (!status) take_back(batch);
  }
  if (!status) watcher_.sync_failed(status.error());
  const Status answer = status ? Status() : Status(not_saved(status.error()));
  for (Pending& each : batch) each.done.set_value(answer);
}

// All that wait, unless they are more than fit into a frame.
std::vector<JsonDirectoryRepository::Pending> JsonDirectoryRepository::take_batch() {
  std::vector<Pending> batch;
  const std::unique_lock lock(mutex_);
  std::size_t bytes = 0;
  auto end = pending_.begin();
  while (end != pending_.end() && (end == pending_.begin() || bytes < kMostInAFrame)) {
    bytes += end->change.record.size();
    ++end;
  }
  batch.assign(std::make_move_iterator(pending_.begin()), std::make_move_iterator(end));
  pending_.erase(pending_.begin(), end);
  writing_ = !batch.empty();
  return batch;
}

Status JsonDirectoryRepository::append(const std::vector<Pending>& batch) {
  const Clock::Steady begin = clock_.steady();
  StorageSync sync;
  // Memory may run out; that must not end the thread.
  try {
    std::string payload;
    for (const Pending& each : batch) payload += each.change.record;
    if (!payload.empty()) {
      if (Status status = journal_->append(payload); !status) return status;
    }
    sync.bytes = payload.size();
  } catch (const std::exception& error) {
    return make_error(Code::kInternal, error.what());
  }
  snapshots_->journal_has(journal_->bytes());
  sync.changes = batch.size();
  sync.took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - begin);
  watcher_.synced(sync);
  return {};
}

Error JsonDirectoryRepository::not_saved(const Error& error) const {
  return unavailable(without_folder(error.message, paths_.state));
}

// Takes back `batch` and whatever was queued behind it, which then joins it.
void JsonDirectoryRepository::take_back(std::vector<Pending>& batch) {
  ++failures_;
  for (Pending& each : pending_) batch.push_back(std::move(each));
  pending_.clear();
  for (auto each = batch.rbegin(); each != batch.rend(); ++each) {
    auto& undo = each->change.undo;
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
  }
}

}  // namespace trueque
