#include "peer_server/core/connection_book.h"

#include <algorithm>
#include <utility>

namespace trueque {
namespace {

// Callers that went are remembered for what they sent, until so many did.
constexpr std::size_t kIdleCallers = 256;

}  // namespace

ConnectionBook::Admission ConnectionBook::add(Id id, const std::string& address) {
  if (idle_ >= kIdleCallers) forget_idle();
  const auto position = callers_.try_emplace(address, clock_).first;
  Caller& caller = position->second;
  Admission admission;
  if (charge(caller, kConnection)) {
    if (connections_.size() >= most_) admission.displaced = displace_for(caller);
    admission.admitted = connections_.size() < most_;
  }
  if (admission.admitted) {
    connections_[id] = {position, ++heard_, 0, 0};
    caller.connections.emplace(heard_, id);
  } else if (caller.connections.empty()) {
    ++idle_;
  }
  return admission;
}

void ConnectionBook::remove(Id id) {
  const auto position = connections_.find(id);
  if (position == connections_.end()) return;
  Caller& caller = position->second.caller->second;
  caller.connections.erase({position->second.heard, id});
  connections_.erase(position);
  if (caller.connections.empty()) ++idle_;
}

bool ConnectionBook::traffic(Id id, std::uint64_t received, std::uint64_t sent) {
  const auto position = connections_.find(id);
  if (position == connections_.end()) return true;
  Connection& connection = position->second;
  const std::uint64_t came = received - std::exchange(connection.received, received);
  const std::uint64_t went = sent - std::exchange(connection.sent, sent);
  Caller& caller = connection.caller->second;
  if (came == 0) return !caller.banned_until;
  caller.connections.erase({connection.heard, id});
  connection.heard = ++heard_;
  caller.connections.emplace(connection.heard, id);
  return charge(caller, came - std::min(came, went) / 2);
}

std::vector<ConnectionBook::Id> ConnectionBook::of_same_address(Id id) const {
  std::vector<Id> ids;
  const auto position = connections_.find(id);
  if (position == connections_.end()) return ids;
  for (const auto& [heard, each] : position->second.caller->second.connections) ids.push_back(each);
  return ids;
}

bool ConnectionBook::charge(Caller& caller, std::uint64_t bytes) {
  const Clock::Steady now = clock_.steady();
  if (caller.banned_until && now < *caller.banned_until) return false;
  caller.banned_until.reset();
  caller.sent.take(bytes);
  if (caller.sent.wait_for(0) == TokenBucket::Duration::zero()) return true;
  caller.banned_until = now + kBan;
  return false;
}

// The connection that was quiet longest, of the caller with the most, if that is fair.
std::optional<ConnectionBook::Id> ConnectionBook::displace_for(const Caller& newcomer) {
  const auto most =
      std::max_element(callers_.begin(), callers_.end(), [](const auto& a, const auto& b) {
        return a.second.connections.size() < b.second.connections.size();
      });
  if (most->second.connections.size() <= newcomer.connections.size() + 1) return std::nullopt;
  const Id displaced = most->second.connections.begin()->second;
  remove(displaced);
  return displaced;
}

void ConnectionBook::forget_idle() {
  const Clock::Steady now = clock_.steady();
  idle_ = 0;
  std::erase_if(callers_, [&](const auto& each) {
    const Caller& caller = each.second;
    if (!caller.connections.empty()) return false;
    const bool banned = caller.banned_until && now < *caller.banned_until;
    return !banned && caller.sent.wait_for(kBurst) == TokenBucket::Duration::zero();
  });
}

}  // namespace trueque
