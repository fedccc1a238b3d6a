// A directory in one file: the state file in the form of contracts.md, with the accounts,
// sessions and leases as further members, which whoever reads a state file ignores.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "server/storage/account_document.h"
#include "server/storage/directory_tables.h"
#include "server/storage/state_loader.h"
#include "server/storage/state_paths.h"
#include "server/storage/storage_files.h"

namespace trueque {

struct DirectoryBackup {
  std::unique_ptr<DirectoryTables> tables;
  std::optional<Accounts> accounts;  // none: the file says nothing of them
};

// `with_secrets`: accounts, sessions and leases too; without, anybody may read it.
std::string write_backup(const DirectoryBackup& backup, bool with_secrets);
// Also of a plain state file, or an original's. kDataLoss saying where.
Result<DirectoryBackup> read_backup(std::string_view text, const Clock& clock);

struct DirectoryOnDisk {
  DirectoryBackup backup;
  LoadedDirectory loaded;
};

// kNotFound where there is no file of any directory: a path that was mistyped must not be
// taken for an empty one.
Status require_directory(const StorageFiles& files, const StatePaths& paths);

// What is on disk, all of one moment, whether or not a server runs and writes. The errors
// are those of StateLoader and
// require_directory().
Result<DirectoryOnDisk> read_directory(const StorageFiles& files, const StatePaths& paths,
                                       const Clock& clock);

}  // namespace trueque
