// The directory's state in memory and, for good, in a JSON file: logged_peers.json
// in the form contracts.md fixes, and beside it the sessions and leases.
//
// A verb returns when its change is on disk. One thread writes: a write serves all
// verbs that were waiting when it began, and those that come meanwhile wait for
// the next. When a write fails, every change not yet on disk is taken back, newest
// first, and its verb fails with kUnavailable; the next change tries again.
//
// The two files are written in an order that a crash in between neither loses what
// was acknowledged nor leaves a peer nobody can log out: sessions that began before
// the state, sessions that ended after it.
//
// Any thread. close() and the destructor finish what is waiting.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/files.h"
#include "server/storage/file_lock.h"
#include "server/storage/session_document.h"
#include "server/storage/state_document.h"
#include "server/storage/state_paths.h"
#include "server/storage/tables_repository.h"

namespace trueque {

// How a file is replaced; tests give one that fails or waits.
using FileWriter =
    std::function<Status(const std::string& path, std::string_view bytes, mode_t mode)>;

class JsonDirectoryRepository final : public TablesRepository {
  struct Private {
    explicit Private() = default;
  };

 public:
  // Reads the files, upgrading an original's one (kept as <path>.original). A
  // missing file is an empty directory. kFailedPrecondition when another server
  // has it; kDataLoss when a file is damaged, which is left as it is; any other
  // error when one cannot be read or written. See exit_code_for_storage().
  static Result<std::unique_ptr<JsonDirectoryRepository>> open(
      const std::string& path, const Clock& clock, FileWriter writer = write_file_atomically);
  // For open() alone.
  JsonDirectoryRepository(Private key, StatePaths paths, FileLock lock, FileWriter writer);
  ~JsonDirectoryRepository() override;

  // Finishes what is waiting and refuses whatever comes after. May be called twice.
  void close();

  const StatePaths& paths() const { return paths_; }
  // What of an original's file could not be taken over.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Pending {
    Change change;
    std::promise<Status> done;
  };
  // The contents of files to be written; nothing where a file stays as it is.
  struct Snapshot {
    std::optional<std::string> sessions_first, state, sessions_last;
  };

  Status make_durable(std::unique_lock<TurnTakingMutex> lock, Change change) override;
  Status load(const Clock& clock);
  Status load_sessions();
  Status upgrade(const std::string& original_text);

  void run();
  void write_waiting();
  Snapshot take_snapshot(const std::vector<Pending>& batch) const;
  Status save(const Snapshot& snapshot);
  Error not_saved(const Error& error) const;
  void take_back(std::vector<Pending>& batch);

  const StatePaths paths_;
  const FileLock lock_;
  const FileWriter write_file_;
  std::vector<std::string> warnings_;

  // Guarded by mutex_ of the base; the writer may take pending_ holding it shared,
  // because it is the only one that takes.
  std::vector<Pending> pending_;
  bool writing_ = false;
  bool closing_ = false;
  bool unsure_ = false;  // a write failed: the files may hold what was taken back
  std::condition_variable_any wake_;
  std::thread writer_;
};

}  // namespace trueque
