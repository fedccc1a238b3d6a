#include "server/storage/snapshot/snapshot_writer.h"

#include <algorithm>
#include <iterator>

#include "server/storage/journal/journal_segments.h"
#include "server/storage/state_document.h"

namespace trueque {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0600;
// The journal's syncs would have to wait for all of a big file at once.
constexpr std::uint64_t kSyncEach = 4UL * 1024 * 1024;

std::string temporary(const std::string& path) { return path + ".tmp"; }

}  // namespace

SnapshotWriter::~SnapshotWriter() {
  file_.reset();
  // What stays is written over the next time.
  for (const std::string& path : temporaries_) static_cast<void>(files_.remove(path).ok());
}

Status SnapshotWriter::write(const NextSlice& next, std::uint64_t journal) {
  if (Status status = write_state(next); !status) return status;
  return write_sessions_file(journal);
}

Status SnapshotWriter::write_state(const NextSlice& next) {
  auto file = files_.create(temporary(paths_.state), kPublic);
  if (!file) return file.error();
  temporaries_.push_back(temporary(paths_.state));
  file_ = *std::move(file);
  Status status = append(kStateHead);
  while (status) {
    auto slice = next();
    if (!slice) break;
    status = append(slice->peers);
    std::move(slice->sessions.begin(), slice->sessions.end(), std::back_inserter(sessions_));
    std::move(slice->leases.begin(), slice->leases.end(), std::back_inserter(leases_));
  }
  if (status) status = append(kStateEnd);
  if (status) status = file_->sync();
  file_.reset();
  return status;
}

Status SnapshotWriter::append(std::string_view bytes) {
  bytes_ += bytes.size();
  unsynced_ += bytes.size();
  if (Status status = file_->append(bytes); !status || unsynced_ < kSyncEach) return status;
  unsynced_ = 0;
  return file_->sync();
}

Status SnapshotWriter::write_sessions_file(std::uint64_t journal) {
  std::sort(sessions_.begin(), sessions_.end(),
            [](const auto& left, const auto& right) { return left.order < right.order; });
  SessionDocument document;
  document.journal = journal;
  document.leases = std::move(leases_);
  for (OrderedSession& each : sessions_) document.sessions.push_back(std::move(each.session));
  auto file = files_.create(temporary(paths_.sessions), kSecret);
  if (!file) return file.error();
  temporaries_.push_back(temporary(paths_.sessions));
  const std::string text = write_sessions(document);
  bytes_ += text.size();
  if (Status status = (*file)->append(text); !status) return status;
  return (*file)->sync();
}

// The sessions file first: it says which segments are needed, and the state that is still
// there has all of them.
Status SnapshotWriter::publish() {
  if (Status status = files_.rename(temporary(paths_.sessions), paths_.sessions); !status)
    return status;
  if (Status status = files_.rename(temporary(paths_.state), paths_.state); !status) return status;
  temporaries_.clear();
  return files_.sync_folder(paths_.state);
}

Result<StorageSnapshot> write_whole_snapshot(StorageFiles& files, const StatePaths& paths,
                                             const DirectoryTables& tables) {
  SnapshotCursor cursor;
  SnapshotWriter writer(files, paths);
  Status status = writer.write([&] { return cursor.next(tables); }, 0);
  if (status) status = writer.publish();
  if (status) status = remove_segments_below(files, paths.journal, kAllSegments);
  if (!status) return status.error();
  return StorageSnapshot{cursor.peers(), cursor.files(), writer.bytes(), {}};
}

}  // namespace trueque
