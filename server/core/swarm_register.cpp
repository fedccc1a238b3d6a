#include "server/core/swarm_register.h"

#include <string>
#include <utility>

namespace trueque {
namespace {

// Each join takes away a few, so that they never outnumber those who keep coming.
constexpr std::size_t kSweptByAJoin = 8;

}  // namespace

Result<std::vector<PeerKey>> SwarmRegister::join(const PeerKey& peer, const Content& content) {
  sweep(kSweptByAJoin);
  const std::lock_guard lock(mutex_);
  if (Status room = make_room(peer, content); !room) return room.error();
  const auto [place, is_new] = peers_[peer].try_emplace(content, last_turn_ + 1);
  if (!is_new) {
    const Turn before = std::exchange(place->second, last_turn_ + 1);
    members_.erase(before);
    swarms_[content].erase(before);
  }
  ++last_turn_;
  members_.emplace(last_turn_, Member{peer, content, clock_.steady()});
  swarms_[content].insert(last_turn_);
  return others(peer, content);
}

void SwarmRegister::leave(const PeerKey& peer, const Content& content) {
  const std::lock_guard lock(mutex_);
  const auto own = peers_.find(peer);
  if (own == peers_.end()) return;
  const auto place = own->second.find(content);
  if (place != own->second.end()) erase(place->second);
}

void SwarmRegister::forget(const PeerKey& peer) {
  const std::lock_guard lock(mutex_);
  const auto own = peers_.find(peer);
  if (own == peers_.end()) return;
  const Swarms swarms = own->second;
  for (const auto& [content, turn] : swarms) erase(turn);
}

bool SwarmRegister::sweep(std::size_t most) {
  const std::lock_guard lock(mutex_);
  while (!members_.empty() && has_expired(members_.begin()->second)) {
    if (most-- == 0) return false;
    erase(members_.begin()->first);
  }
  return true;
}

std::size_t SwarmRegister::size() const {
  const std::lock_guard lock(mutex_);
  return members_.size();
}

bool SwarmRegister::has_expired(const Member& member) const {
  return clock_.steady() - member.heard >= kSwarmLease;
}

// What the peer itself was not heard from about must not count against it, swept or not.
Status SwarmRegister::make_room(const PeerKey& peer, const Content& content) {
  const auto own = peers_.find(peer);
  if (own == peers_.end() || own->second.size() < kMaxSwarmsOfAPeer) return {};
  if (own->second.contains(content)) return {};
  const Swarms swarms = own->second;
  bool has_room = false;
  for (const auto& [other, turn] : swarms) {
    if (!has_expired(members_.at(turn))) continue;
    erase(turn);
    has_room = true;
  }
  if (has_room) return {};
  return Error{Code::kResourceExhausted,
               "This peer fetches " + std::to_string(kMaxSwarmsOfAPeer) +
                   " contents already; leave one of them first.",
               kSwarmRenewal};
}

void SwarmRegister::erase(Turn turn) {
  const auto member = members_.find(turn);
  const auto swarm = swarms_.find(member->second.content);
  swarm->second.erase(turn);
  if (swarm->second.empty()) swarms_.erase(swarm);
  const auto own = peers_.find(member->second.peer);
  own->second.erase(member->second.content);
  if (own->second.empty()) peers_.erase(own);
  members_.erase(member);
}

std::vector<PeerKey> SwarmRegister::others(const PeerKey& peer, const Content& content) const {
  std::vector<PeerKey> peers;
  const std::set<Turn>& swarm = swarms_.at(content);
  for (auto turn = swarm.rbegin(); turn != swarm.rend(); ++turn) {
    const Member& member = members_.at(*turn);
    // All further ones were heard from even earlier.
    if (peers.size() == kMaxPeersOfASwarm || has_expired(member)) break;
    if (member.peer != peer) peers.push_back(member.peer);
  }
  return peers;
}

}  // namespace trueque
