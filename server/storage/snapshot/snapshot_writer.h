// Writes a snapshot: the state file and the sessions file, first beside those that are
// there, then in their places. A crash at any line leaves whole files, of which one may be
// older: the journal since the older one makes them the same. One snapshot each; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/core/storage_watcher.h"
#include "server/storage/session_document.h"
#include "server/storage/snapshot/snapshot_slice.h"
#include "server/storage/state_paths.h"
#include "server/storage/storage_files.h"

namespace trueque {

class SnapshotWriter {
 public:
  // Nothing when there are no more.
  using NextSlice = std::function<std::optional<SnapshotSlice>()>;

  // References must outlive it.
  SnapshotWriter(StorageFiles& files, const StatePaths& paths) : files_(files), paths_(paths) {}
  // Removes what was not published.
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // `journal`: the first segment that is needed from now on; 0: none.
  Status write(const NextSlice& next, std::uint64_t journal);
  // On success the snapshot is on disk and what is older than it is not needed any more.
  Status publish();

  std::uint64_t bytes() const { return bytes_; }

 private:
  Status write_state(const NextSlice& next);
  Status write_sessions_file(std::uint64_t journal);
  Status append(std::string_view bytes);

  StorageFiles& files_;
  const StatePaths& paths_;
  std::vector<std::string> temporaries_;  // to be removed
  std::unique_ptr<AppendFile> file_;
  std::uint64_t unsynced_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<OrderedSession> sessions_;
  std::vector<PeerKey> leases_;
};

// A snapshot of tables that nobody changes, which makes the journal superfluous: that goes.
Result<StorageSnapshot> write_whole_snapshot(StorageFiles& files, const StatePaths& paths,
                                             const DirectoryTables& tables);

}  // namespace trueque
