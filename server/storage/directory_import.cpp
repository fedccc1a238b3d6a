#include "server/storage/directory_import.h"

#include "server/storage/file_lock.h"
#include "server/storage/journal/journal_segments.h"
#include "server/storage/snapshot/snapshot_writer.h"

namespace trueque {
namespace {

constexpr mode_t kSecret = 0600;

Result<std::vector<std::string>> files_that_are_there(const StorageFiles& files,
                                                      const StatePaths& paths) {
  std::vector<std::string> there;
  for (const std::string& path : {paths.state, paths.sessions, paths.accounts}) {
    if (files.read(path)) there.push_back(path);
  }
  const auto segments = list_segments(files, paths.journal);
  if (!segments) return segments.error();
  for (const auto& [number, path] : *segments) there.push_back(path);
  return there;
}

Result<std::string> copy_aside(StorageFiles& files, const std::string& path) {
  const auto bytes = files.read(path);
  if (!bytes) return bytes.error();
  auto copy = unused_path(files, path + ".before-import");
  if (!copy) return copy.error();
  if (Status status = replace_file(files, *copy, *bytes, kSecret); !status) return status.error();
  return copy;
}

Status take_over(StorageFiles& files, const StatePaths& paths, const DirectoryBackup& backup) {
  if (backup.accounts) {
    const std::string text = write_accounts(*backup.accounts);
    const auto lock = FileLock::wait_for(paths.accounts + ".lock");
    if (!lock) return lock.error();
    if (Status status = replace_file(files, paths.accounts, text, kSecret); !status) return status;
  }
  const auto written = write_whole_snapshot(files, paths, *backup.tables);
  if (!written) return written.error();
  // The journal of before must not come back once the import is forgotten.
  if (Status status = files.sync_folder(paths.state); !status) return status;
  if (Status status = files.remove(paths.import); !status) return status;
  return files.sync_folder(paths.state);
}

}  // namespace

Result<std::vector<std::string>> import_backup(StorageFiles& files, const StatePaths& paths,
                                               const DirectoryBackup& backup) {
  const auto there = files_that_are_there(files, paths);
  if (!there) return there.error();
  std::vector<std::string> copies;
  for (const std::string& path : *there) {
    auto copy = copy_aside(files, path);
    if (!copy) return copy.error();
    copies.push_back(*std::move(copy));
  }
  const std::string text = write_backup(backup, true);
  if (Status status = replace_file(files, paths.import, text, kSecret); !status)
    return status.error();
  if (Status status = take_over(files, paths, backup); !status) return status.error();
  return copies;
}

Status finish_import(StorageFiles& files, const StatePaths& paths, const Clock& clock) {
  const auto text = files.read(paths.import);
  if (!text) return text.error().code == Code::kNotFound ? Status() : Status(text.error());
  const auto backup = read_backup(*text, clock);
  if (!backup) {
    return make_error(backup.error().code, paths.import + ": " + backup.error().message +
                                               "; nothing was changed, repair the file or put it "
                                               "aside");
  }
  return take_over(files, paths, *backup);
}

}  // namespace trueque
