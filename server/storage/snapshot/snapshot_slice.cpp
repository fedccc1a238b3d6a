#include "server/storage/snapshot/snapshot_slice.h"

#include <iterator>

#include "server/storage/state_document.h"

namespace trueque {
namespace {

// About a millisecond's work. A peer without files counts as well.
constexpr std::uint64_t kEnough = 2'000;
constexpr std::uint64_t kCostOfAPeer = 4;

}  // namespace

std::optional<SnapshotSlice> SnapshotCursor::next(const DirectoryTables& tables) {
  const auto& all = tables.all_peers();
  auto place = last_ ? all.upper_bound(*last_) : all.begin();
  if (place == all.end()) return std::nullopt;
  SnapshotSlice slice;
  for (std::uint64_t cost = 0; place != all.end() && cost < kEnough; ++place) {
    const DirectoryTables::Peer& peer = place->second;
    slice.peers += peers_ == 0 ? kFirstPeer : kNextPeer;
    append_peer(slice.peers, peer);
    for (OrderedSession& session : tables.sessions_of(peer))
      slice.sessions.push_back(std::move(session));
    if (peer.leased) slice.leases.push_back(peer.key);
    ++peers_;
    files_ += peer.files.size();
    cost += kCostOfAPeer + peer.files.size();
    last_ = peer.key;
  }
  return slice;
}

}  // namespace trueque
