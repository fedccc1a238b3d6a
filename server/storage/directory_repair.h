// Sets the damaged parts of a journal aside, as <segment>.damaged, and keeps every whole
// record before and behind them. Only for who holds the directory's lock.
#pragma once

#include <string>
#include <vector>

#include "server/storage/state_loader.h"

namespace trueque {

struct RepairReport {
  std::vector<JournalDamage> damages;  // none: there was nothing to repair, and nothing was done
  std::vector<std::string> set_aside;  // the files that hold the damaged bytes
  StorageRecovery kept;
};

// An error where the state or sessions file is damaged: these can only be restored.
Result<RepairReport> repair_directory(StorageFiles& files, const StatePaths& paths,
                                      const Clock& clock);

}  // namespace trueque
