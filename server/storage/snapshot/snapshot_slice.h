// A snapshot is read from the tables slice by slice, so that nobody waits long for the
// tables. Slices are of different moments: the journal from before the first one has what
// changed meanwhile. Not synchronised: the tables must not change during one call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/directory_tables.h"

namespace trueque {

// Some peers in the order of their keys.
struct SnapshotSlice {
  std::string peers;  // as in the state file, apart as there
  std::vector<OrderedSession> sessions;
  std::vector<PeerKey> leases;
};

class SnapshotCursor {
 public:
  // Peers until they have 2,000 files together, or one that has more; nothing when there
  // are no more peers.
  std::optional<SnapshotSlice> next(const DirectoryTables& tables);

  std::uint64_t peers() const { return peers_; }
  std::uint64_t files() const { return files_; }

 private:
  std::optional<PeerKey> last_;
  std::uint64_t peers_ = 0;
  std::uint64_t files_ = 0;
};

}  // namespace trueque
