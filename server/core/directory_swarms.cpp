// The verbs of Directory that are about who fetches what now.
#include "server/core/directory.h"
#include "server/core/request_rules.h"

namespace trueque {

Result<PeerKey> Directory::peer_of_request(const Caller& caller, const PeerReference& peer,
                                           const Content& content) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_content(content); !status) return status.error();
  return resolve_peer(*session, peer);
}

Result<SwarmReply> Directory::join_swarm(const Caller& caller, const PeerReference& peer,
                                         const Content& content) {
  const Result<PeerKey> key = peer_of_request(caller, peer, content);
  if (!key.ok()) return key.error();
  Result<std::vector<PeerKey>> others = swarms_.join(*key, content);
  if (!others.ok()) return others.error();
  // It may have gone since it was looked up, and then was forgotten before it joined.
  forget_if_gone(*key);
  return SwarmReply{*std::move(others), kSwarmRenewal};
}

Status Directory::leave_swarm(const Caller& caller, const PeerReference& peer,
                              const Content& content) {
  const Result<PeerKey> key = peer_of_request(caller, peer, content);
  if (!key.ok()) return key.error();
  swarms_.leave(*key, content);
  return {};
}

void Directory::forget_if_gone(const PeerKey& peer) {
  // Where the state does not answer, the swarm's own time limit forgets it.
  if (!repository_.has_peer(peer).value_or(true)) swarms_.forget(peer);
}

}  // namespace trueque
