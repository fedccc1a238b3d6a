// Takes a backup over in place of what is there, wholly or not at all: once its file stands
// beside the others (StatePaths::import) it is taken over, by the next start if a crash
// comes between. Only for who holds the directory's lock.
#pragma once

#include <string>
#include <vector>

#include "server/storage/directory_backup.h"

namespace trueque {

// Copies what is there to <file>.before-import first, damaged or not; gives the copies.
// Accounts the backup says nothing of stay as they are.
Result<std::vector<std::string>> import_backup(StorageFiles& files, const StatePaths& paths,
                                               const DirectoryBackup& backup);

// Does what is left of an import; nothing when there is none.
Status finish_import(StorageFiles& files, const StatePaths& paths, const Clock& clock);

}  // namespace trueque
