// The state file as text: what contracts.md fixes as version 1, and the shape
// the original wrote, which is read as well. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "server/storage/directory_tables.h"

namespace trueque {

struct LoadedPeer {
  PeerKey key;
  std::vector<SharedFile> files;
};

struct LoadedState {
  std::vector<LoadedPeer> peers;
  bool from_original = false;         // to be upgraded
  std::vector<std::string> warnings;  // what was left out of an original's file, and why
};

// The parts of a document: kStateHead, each peer behind kFirstPeer or kNextPeer, kStateEnd.
inline constexpr std::string_view kStateHead = "{\"version\": 1, \"peers\": [";
inline constexpr std::string_view kFirstPeer = "\n ";
inline constexpr std::string_view kNextPeer = ",\n ";
inline constexpr std::string_view kStateEnd = "\n]}\n";
void append_peer(std::string& out, const DirectoryTables::Peer& peer);

// kDataLoss saying where: line and column, or the path of a member.
Result<LoadedState> read_state(std::string_view text);

}  // namespace trueque
