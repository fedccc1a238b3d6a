#include "peer_server/core/upload_schedule.h"

#include <algorithm>

namespace trueque {

UploadSchedule::Admission UploadSchedule::add(Stream stream, const std::string& peer) {
  const auto position = peers_.try_emplace(peer).first;
  Peer& owner = position->second;
  Admission admission;
  if (owner.streams < limits_.streams_per_peer) {
    if (streams_.size() >= limits_.streams) admission.displaced = displace_for(owner);
    admission.admitted = streams_.size() < limits_.streams;
  }
  if (admission.admitted) {
    // Time away earns nothing.
    if (owner.streams == 0) owner.service = std::max(owner.service, virtual_time_);
    ++owner.streams;
    owner.waiting.push_back(stream);
    streams_.emplace(stream, Place{position, State::kWaiting});
  }
  forget_idle_peers();
  return admission;
}

// Makes room at the expense of the peer with the most streams, if that is fair.
std::optional<UploadSchedule::Stream> UploadSchedule::displace_for(const Peer& newcomer) {
  const auto most = std::max_element(
      peers_.begin(), peers_.end(),
      [](const auto& a, const auto& b) { return a.second.streams < b.second.streams; });
  if (most->second.streams <= newcomer.streams + 1) return std::nullopt;
  std::optional<Stream> newest;
  for (const auto& [stream, place] : streams_) {
    if (place.peer == most && place.state != State::kSending) newest = std::max(newest, {stream});
  }
  if (newest) remove(*newest);
  return newest;
}

void UploadSchedule::remove(Stream stream) {
  const auto position = streams_.find(stream);
  if (position == streams_.end()) return;
  Place& place = position->second;
  leave(place);
  Peer& peer = place.peer->second;
  std::erase(peer.waiting, stream);
  --peer.streams;
  streams_.erase(position);
}

std::optional<UploadSchedule::Stream> UploadSchedule::next(const MaySend& may) {
  if (sending_ >= limits_.slots) return std::nullopt;
  const auto chosen = least_served(may);
  if (chosen == peers_.end()) return std::nullopt;
  Peer& peer = chosen->second;
  const Stream stream = peer.waiting.front();
  peer.waiting.pop_front();
  ++peer.sending;
  ++sending_;
  streams_.at(stream).state = State::kSending;
  virtual_time_ = std::max(virtual_time_, peer.service);
  return stream;
}

UploadSchedule::Peers::iterator UploadSchedule::least_served(const MaySend& may) {
  // The most slots that any peer could use, and any but that one.
  std::size_t most = 0;
  std::size_t second = 0;
  const Peer* hungriest = nullptr;
  for (const auto& [name, peer] : peers_) {
    second = std::max(second, std::min(most, peer.wanted()));
    if (peer.wanted() > most) hungriest = &peer;
    most = std::max(most, peer.wanted());
  }
  auto chosen = peers_.end();
  for (auto each = peers_.begin(); each != peers_.end(); ++each) {
    const Peer& peer = each->second;
    const std::size_t others = &peer == hungriest ? second : most;
    const std::size_t share = peer.parked > 0 ? 1 : others == 0 ? limits_.slots : others;
    if (peer.waiting.empty() || peer.sending >= share) continue;
    if (chosen != peers_.end() && chosen->second.service <= peer.service) continue;
    if (may(each->first)) chosen = each;
  }
  return chosen;
}

void UploadSchedule::charge(Stream stream, std::uint64_t bytes) {
  const auto position = streams_.find(stream);
  if (position != streams_.end()) position->second.peer->second.service += bytes;
}

void UploadSchedule::park(Stream stream) {
  const auto position = streams_.find(stream);
  if (position == streams_.end() || position->second.state != State::kSending) return;
  leave(position->second);
  position->second.state = State::kParked;
  Peer& peer = position->second.peer->second;
  ++peer.parked;
  peer.service =
      std::max(peer.service, std::min(peer.service + kParkingCharge, virtual_time_ + kMostCredit));
}

void UploadSchedule::taken(Stream stream) {
  const auto position = streams_.find(stream);
  if (position == streams_.end() || position->second.state == State::kWaiting) return;
  leave(position->second);
  position->second.state = State::kWaiting;
  Peer& peer = position->second.peer->second;
  peer.waiting.push_back(stream);
  if (virtual_time_ > kMostCredit)
    peer.service = std::max(peer.service, virtual_time_ - kMostCredit);
}

void UploadSchedule::leave(const Place& place) {
  if (place.state == State::kParked) --place.peer->second.parked;
  if (place.state != State::kSending) return;
  --place.peer->second.sending;
  --sending_;
}

// A peer without streams is remembered until the others were served as much: coming
// back for each piece must not put it ahead.
void UploadSchedule::forget_idle_peers() {
  std::erase_if(peers_, [this](const auto& each) {
    const Peer& peer = each.second;
    return peer.streams == 0 && (streams_.empty() || peer.service <= virtual_time_);
  });
}

bool UploadSchedule::has_peer(const std::string& peer) const {
  const auto position = peers_.find(peer);
  return position != peers_.end() && position->second.streams > 0;
}

}  // namespace trueque
