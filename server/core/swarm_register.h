// Who is fetching which content now, and so holds a part of it. Nothing of it is
// durable: a peer says it again every kSwarmRenewal, and what was not said for three
// times that long is forgotten.
//
// A peer is in kMaxSwarmsOfAPeer swarms at most. Joining and leaving take time that
// hardly depends on how many are in any swarm. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

inline constexpr std::chrono::seconds kSwarmRenewal{10};
inline constexpr std::chrono::seconds kSwarmLease = 3 * kSwarmRenewal;
inline constexpr std::size_t kMaxSwarmsOfAPeer = 1'000;
inline constexpr std::size_t kMaxPeersOfASwarm = 50;  // told at a time

class SwarmRegister {
 public:
  // The clock must outlive it.
  explicit SwarmRegister(const Clock& clock) : clock_(clock) {}

  // Joins, or stays in, and gives the others: those heard from last come first.
  // kResourceExhausted when the peer is in too many swarms.
  Result<std::vector<PeerKey>> join(const PeerKey& peer, const Content& content);
  // No error when it is not in it.
  void leave(const PeerKey& peer, const Content& content);
  // Takes the peer out of every swarm.
  void forget(const PeerKey& peer);
  // Forgets at most so many of those not heard from for too long, the oldest first;
  // true when that was all of them.
  bool sweep(std::size_t most);

  // Those not swept yet, for tests.
  std::size_t size() const;

 private:
  // Counts up with every word of any peer: the higher, the more recent.
  using Turn = std::uint64_t;
  struct Member {
    PeerKey peer;
    Content content;
    Clock::Steady heard;
  };
  using Swarms = std::map<Content, Turn>;  // of one peer

  // Callers hold mutex_.
  bool has_expired(const Member& member) const;
  Status make_room(const PeerKey& peer, const Content& content);
  void erase(Turn turn);
  std::vector<PeerKey> others(const PeerKey& peer, const Content& content) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  Turn last_turn_ = 0;
  std::map<Turn, Member> members_;  // the one not heard from for longest first
  std::map<Content, std::set<Turn>> swarms_;
  std::map<PeerKey, Swarms> peers_;
};

}  // namespace trueque
