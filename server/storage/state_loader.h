// Reads a directory's state from disk into tables: the snapshot (state and sessions files)
// and, over it, the journal. Changes nothing on disk; used at the start, and by commands
// that look at the files while a server may be writing them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "server/core/storage_watcher.h"
#include "server/storage/directory_tables.h"
#include "server/storage/journal/journal_reader.h"
#include "server/storage/session_document.h"
#include "server/storage/state_document.h"
#include "server/storage/state_paths.h"

namespace trueque {

struct LoadedDirectory {
  JournalTail tail;
  StorageRecovery recovery;
  std::vector<std::string> warnings;  // what of an original's file could not be taken over
  std::string original;               // that file's text, to be upgraded; empty for ours
  std::vector<JournalDamage> damages;
};

class StateLoader {
 public:
  // References must outlive it. `tables` are empty.
  StateLoader(const StorageFiles& files, const StatePaths& paths, const Clock& clock,
              DirectoryTables& tables)
      : files_(files), paths_(paths), clock_(clock), tables_(tables) {}

  // kDataLoss when a file is damaged, saying which and where.
  Result<LoadedDirectory> load();
  // The journal's damages are in the result; whatever else it has was replayed.
  Result<LoadedDirectory> load_despite_damage();

 private:
  Status load_state(LoadedDirectory& loaded);
  // False when the file is not as a directory writes it.
  bool load_quickly(std::string_view text);
  void add(const LoadedPeer& peer);
  Status load_sessions();
  Status replay(LoadedDirectory& loaded);

  const StorageFiles& files_;
  const StatePaths& paths_;
  const Clock& clock_;
  DirectoryTables& tables_;
  SessionDocument sessions_;
};

}  // namespace trueque
