// What of DirectoryTables is for reading its state from disk, and for writing it there.
#include "server/storage/directory_tables.h"

namespace trueque {

bool DirectoryTables::restore_peer(const PeerKey& key, Clock::Steady now) {
  if (find_peer(key) != nullptr) return false;
  create_peer(key).last_seen = now;
  return true;
}

bool DirectoryTables::restore_session(const Session& session) {
  Peer* peer = find_peer(session.peer);
  if (peer == nullptr || sessions_.contains(session.token)) return false;
  add_session(*peer, {session, ++last_order_});
  set_login_order(*peer, last_order_);
  return true;
}

bool DirectoryTables::restore_lease(const PeerKey& key) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return false;
  peer->leased = true;
  return true;
}

void DirectoryTables::reopen_session(const Session& session, Clock::Steady now) {
  drop_session(session.token);
  restore_peer(session.peer, now);
  restore_session(session);
}

void DirectoryTables::drop_session(const TokenHash& token) {
  if (sessions_.contains(token)) take_session(token);
}

void DirectoryTables::drop_peer(const PeerKey& key) {
  if (find_peer(key) == nullptr) return;
  erase_peer(key);
  index_.tidy();
}

std::vector<OrderedSession> DirectoryTables::sessions_of(const Peer& peer) const {
  std::vector<OrderedSession> sessions;
  sessions.reserve(peer.sessions.size());
  for (const TokenHash& token : peer.sessions) sessions.push_back(sessions_.at(token));
  return sessions;
}

}  // namespace trueque
