// The directory's state in memory and, for good, on disk: a journal of changes, and now and
// then a snapshot in JSON (logged_peers.json in the form contracts.md fixes, and beside it
// the sessions and leases), after which the journal is cut.
//
// A verb returns when its change is in the journal. One thread writes that: a sync serves
// all verbs that were waiting when it began, and those that come meanwhile wait for the
// next. When a write fails, every change not yet on disk is taken back, newest first, and
// its verb fails with kUnavailable; the next change tries again. Another thread writes the
// snapshots, which nobody waits for.
//
// Any thread. close() and the destructor finish what is waiting.
#pragma once

#include <condition_variable>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/core/storage_watcher.h"
#include "server/storage/file_lock.h"
#include "server/storage/journal/journal.h"
#include "server/storage/snapshot/snapshot_keeper.h"
#include "server/storage/state_loader.h"
#include "server/storage/state_paths.h"
#include "server/storage/tables_repository.h"

namespace trueque {

class JsonDirectoryRepository final : public TablesRepository {
  struct Private {
    explicit Private() = default;
  };

 public:
  // Reads the files, upgrading an original's one (kept as <path>.original). A
  // missing file is an empty directory. kFailedPrecondition when another server
  // has it; kDataLoss when a file is damaged, which is left as it is; any other
  // error when one cannot be read or written. See exit_code_for_storage().
  // References must outlive the repository.
  static Result<std::unique_ptr<JsonDirectoryRepository>> open(const std::string& path,
                                                               const Clock& clock,
                                                               StorageFiles& files,
                                                               StorageWatcher& watcher);
  // For open() alone.
  JsonDirectoryRepository(Private key, StatePaths paths, FileLock lock, const Clock& clock,
                          StorageFiles& files, StorageWatcher& watcher);
  ~JsonDirectoryRepository() override;

  // Finishes what is waiting, writes a snapshot of what is new, and refuses whatever comes
  // after. May be called twice.
  void close();

  // Looks now whether a snapshot is due; otherwise that may take a tenth of a second.
  void look_at_clock() { snapshots_->wake(); }

  const StatePaths& paths() const { return paths_; }
  // What of an original's file could not be taken over.
  const std::vector<std::string>& warnings() const { return loaded_.warnings; }

 private:
  struct Pending {
    Change change;
    std::promise<Status> done;
  };

  Status make_durable(std::unique_lock<TurnTakingMutex> lock, Change change) override;
  Status load();
  Status keep_original();
  void start();

  // The writer's thread.
  void run();
  void cut_journal();
  void write_waiting();
  std::vector<Pending> take_batch();
  Status append(const std::vector<Pending>& batch);
  Error not_saved(const Error& error) const;
  void take_back(std::vector<Pending>& batch);

  // The snapshots' thread.
  Result<StorageSnapshot> take_snapshot();
  Result<std::uint64_t> ask_for_cut();
  Status wait_for_waiting(std::uint64_t failures);

  const StatePaths paths_;
  const FileLock lock_;
  const Clock& clock_;
  StorageFiles& files_;
  StorageWatcher& watcher_;
  LoadedDirectory loaded_;

  // Guarded by mutex_ of the base.
  std::vector<Pending> pending_;
  std::promise<Result<std::uint64_t>> cut_;  // kept while cut_wanted_
  bool cut_wanted_ = false;
  bool writing_ = false;
  bool closing_ = false;        // nothing more is taken
  bool ending_ = false;         // the writer ends
  std::uint64_t failures_ = 0;  // batches taken back
  std::condition_variable_any wake_;

  std::unique_ptr<Journal> journal_;  // the writer's alone while that runs
  std::unique_ptr<SnapshotKeeper> snapshots_;
  std::thread writer_;
};

}  // namespace trueque
