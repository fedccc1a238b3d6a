// Where the server keeps its files: all of them beside the state file, which
// `[storage] path` names, symbolic links resolved.
#pragma once

#include <string>

#include "common/base/exit_code.h"
#include "common/base/result.h"

namespace trueque {

struct StatePaths {
  std::string state;     // logged_peers.json
  std::string sessions;  // logged_peers.sessions.json: sessions and leases, mode 0600
  std::string accounts;  // logged_peers.accounts.json: mode 0600
  std::string journal;   // logged_peers.journal. and a number: changes since; mode 0600
  std::string lock;      // logged_peers.json.lock
  std::string import;    // logged_peers.import.json: a backup that is being taken over; mode 0600
  std::string original;  // logged_peers.json.original: the file before it was upgraded
};

// Makes the folder of `path` when it is missing.
Result<StatePaths> state_paths(const std::string& path);
// Makes nothing.
Result<StatePaths> locate_state(const std::string& path);

// The same text without the folder of `path`, for answers to clients: they need
// not know where the server keeps its files.
std::string without_folder(std::string text, const std::string& path);

// How the program ends when its files cannot be opened: 1 when another server
// holds them (kFailedPrecondition), 74 when one is damaged (kDataLoss) or cannot
// be read or written.
constexpr ExitCode exit_code_for_storage(Code code) {
  return code == Code::kFailedPrecondition ? ExitCode::kFailed : ExitCode::kInputOutput;
}

}  // namespace trueque
