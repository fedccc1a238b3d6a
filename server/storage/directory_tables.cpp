#include "server/storage/directory_tables.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr int kAnyPort = -1;

Error no_such_peer() { return make_error(Code::kNotFound, "Peer IP not found."); }

std::chrono::seconds seconds_since(Clock::Steady then, Clock::Steady now) {
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - then);
  return std::max(passed, std::chrono::seconds(0));
}

}  // namespace

struct DirectoryTables::PeerImage {
  PeerKey key;
  bool leased = false;
  std::uint64_t login_order = 0;
  Clock::Steady last_seen;
  Clock::Steady lease_until;
  std::vector<SessionRecord> sessions;
  FileImages files;
};

Result<FilesSummary> DirectoryTables::open_session(const Session& session, Clock::Steady now,
                                                   std::chrono::seconds lease, Change& change) {
  if (sessions_.contains(session.token)) {
    return make_error(Code::kAlreadyExists, "This token has a session already.");
  }
  Peer* peer = find_peer(session.peer);
  const bool is_new = peer == nullptr;
  if (is_new) peer = &create_peer(session.peer);
  const std::uint64_t old_order = peer->login_order;
  add_session(*peer, {session, ++last_order_});
  set_login_order(*peer, last_order_);
  peer->last_seen = now;
  if (peer->leased) peer->lease_until = now + lease;
  change.undo.emplace_back([this, session, is_new, old_order] {
    take_session(session.token);
    if (is_new) {
      erase_peer(session.peer);
    } else {
      set_login_order(*find_peer(session.peer), old_order);
    }
  });
  return summary_of(*peer);
}

Status DirectoryTables::close_session(const TokenHash& token, Change& change) {
  const auto found = sessions_.find(token);
  if (found == sessions_.end()) return make_error(Code::kNotFound, "This session has ended.");
  end_session(token, change);
  return {};
}

Status DirectoryTables::close_latest_session(const PeerKey& key, Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  if (peer->sessions.empty()) {
    end_peer(*peer, change);
  } else {
    // A copy: the list it stands in may go.
    const TokenHash token = peer->sessions.back();
    end_session(token, change);
  }
  return {};
}

void DirectoryTables::end_session(const TokenHash& token, Change& change) {
  Peer& peer = *find_peer(sessions_.at(token).session.peer);
  if (peer.sessions.size() == 1) {
    end_peer(peer, change);
    return;
  }
  SessionRecord record = take_session(token);
  change.ended_sessions.push_back(record.session.token);
  change.undo.emplace_back(
      [this, record = std::move(record)] { add_session(*find_peer(record.session.peer), record); });
}

void DirectoryTables::end_peer(Peer& peer, Change& change) {
  PeerImage image = image_of(peer);
  change.ended_peers.push_back(image.key);
  erase_peer(image.key);
  index_.tidy(pause_);
  change.undo.emplace_back([this, image = std::move(image)] { restore(image); });
}

DirectoryTables::PeerImage DirectoryTables::image_of(const Peer& peer) const {
  PeerImage image{peer.key, peer.leased, peer.login_order, peer.last_seen, peer.lease_until,
                  {},       {}};
  for (const TokenHash& token : peer.sessions) image.sessions.push_back(sessions_.at(token));
  image.files.reserve(peer.files.size());
  for_each_file(peer, [&](std::string_view name, const std::optional<Content>& content) {
    image.files.had(name, content);
    pause_after(image.files.size());
  });
  return image;
}

void DirectoryTables::restore(const PeerImage& image) {
  Peer& peer = create_peer(image.key);
  set_login_order(peer, image.login_order);
  peer.leased = image.leased;
  peer.last_seen = image.last_seen;
  peer.lease_until = image.lease_until;
  for (const SessionRecord& record : image.sessions) add_session(peer, record);
  put_back(image.key, image.files);
}

DirectoryTables::Peer* DirectoryTables::find_peer(const PeerKey& key) {
  const auto found = peers_.find(key);
  return found == peers_.end() ? nullptr : &found->second;
}

// The new peer has logged in more recently than all others.
DirectoryTables::Peer& DirectoryTables::create_peer(const PeerKey& key) {
  Peer& peer = peers_.try_emplace(key, index_, key).first->second;
  set_login_order(peer, ++last_order_);
  peer.revision = ++last_revision_;
  return peer;
}

void DirectoryTables::erase_peer(const PeerKey& key) {
  const auto place = peers_.find(key);
  Peer& peer = place->second;
  while (!peer.sessions.empty()) take_session(TokenHash(peer.sessions.back()));
  drop_all_files(peer);
  unlist_address(peer, kAnyPort);
  unlist_address(peer, peer.key.port);
  peers_.erase(place);
}

void DirectoryTables::set_login_order(Peer& peer, std::uint64_t order) {
  const PeerKey& listed = peers_.find(peer.key)->first;
  for (const int port : {kAnyPort, static_cast<int>(peer.key.port)}) {
    ByLogin& peers = by_address_[{peer.key.ip, port}];
    peers.erase(peer.login_order);
    peers[order] = &listed;
  }
  peer.login_order = order;
}

void DirectoryTables::unlist_address(const Peer& peer, int port) {
  const auto place = by_address_.find({peer.key.ip, port});
  place->second.erase(peer.login_order);
  if (place->second.empty()) by_address_.erase(place);
}

void DirectoryTables::add_session(Peer& peer, const SessionRecord& record) {
  const auto is_older = [this](std::uint64_t order, const TokenHash& other) {
    return order < sessions_.at(other).order;
  };
  const auto place =
      std::upper_bound(peer.sessions.begin(), peer.sessions.end(), record.order, is_older);
  peer.sessions.insert(place, record.session.token);
  sessions_.emplace(record.session.token, record);
}

DirectoryTables::SessionRecord DirectoryTables::take_session(const TokenHash& token) {
  const auto place = sessions_.find(token);
  SessionRecord record = std::move(place->second);
  sessions_.erase(place);
  std::erase(find_peer(record.session.peer)->sessions, record.session.token);
  return record;
}

FilesSummary DirectoryTables::summary_of(Peer& peer) const {
  return {peer.files.size(), peer.revision, peer.files.digest(pause_)};
}

Result<FilesSummary> DirectoryTables::renew_lease(const PeerKey& key, Clock::Steady now,
                                                  std::chrono::seconds lease, Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  if (const auto moved = move_lease(key, now, lease)) return *moved;
  peer->last_seen = now;
  peer->lease_until = now + lease;
  peer->leased = true;
  change.undo.emplace_back([this, key] { find_peer(key)->leased = false; });
  return summary_of(*peer);
}

std::optional<FilesSummary> DirectoryTables::move_lease(const PeerKey& key, Clock::Steady now,
                                                        std::chrono::seconds lease) {
  Peer* peer = find_peer(key);
  if (peer == nullptr || !peer->leased) return std::nullopt;
  peer->last_seen = now;
  peer->lease_until = now + lease;
  return summary_of(*peer);
}

void DirectoryTables::grant_full_leases(Clock::Steady now, std::chrono::seconds lease) {
  for (auto& [key, peer] : peers_) {
    if (peer.leased) peer.lease_until = now + lease;
  }
}

bool DirectoryTables::anything_expires(Clock::Steady now, Clock::Wall oldest_session) const {
  const auto has_run_out = [&](const auto& each) {
    return each.second.leased && each.second.lease_until <= now;
  };
  const auto is_too_old = [&](const auto& each) {
    return each.second.session.opened < oldest_session;
  };
  return std::any_of(peers_.begin(), peers_.end(), has_run_out) ||
         std::any_of(sessions_.begin(), sessions_.end(), is_too_old);
}

std::vector<PeerKey> DirectoryTables::expire(Clock::Steady now, Clock::Wall oldest_session,
                                             Change& change) {
  std::vector<PeerKey> gone;
  for (auto& [key, peer] : peers_) {
    if (peer.leased && peer.lease_until <= now) gone.push_back(key);
  }
  for (const PeerKey& key : gone) end_peer(*find_peer(key), change);
  std::vector<Session> old;
  for (const auto& [token, record] : sessions_) {
    if (record.session.opened < oldest_session) old.push_back(record.session);
  }
  for (const Session& session : old) {
    end_session(session.token, change);
    if (find_peer(session.peer) == nullptr) gone.push_back(session.peer);
  }
  return gone;
}

std::optional<Session> DirectoryTables::find_session(const TokenHash& token) const {
  const auto found = sessions_.find(token);
  if (found == sessions_.end()) return std::nullopt;
  return found->second.session;
}

std::optional<PeerKey> DirectoryTables::latest_peer_at(const std::string& ip,
                                                       std::optional<std::uint16_t> port) const {
  const auto found = by_address_.find({ip, port ? static_cast<int>(*port) : kAnyPort});
  if (found == by_address_.end()) return std::nullopt;
  return *found->second.rbegin()->second;
}

std::vector<PeerSummary> DirectoryTables::peers(Clock::Steady now) const {
  std::vector<PeerSummary> list;
  list.reserve(peers_.size());
  for (const auto& [key, peer] : peers_) {
    list.push_back({key, peer.files.size(), seconds_since(peer.last_seen, now)});
  }
  return list;
}

DirectoryTables::PeerRange DirectoryTables::peers_of(const std::string& username) const {
  const auto first = peers_.lower_bound(PeerKey{username, "", 0});
  auto end = first;
  while (end != peers_.end() && end->first.username == username) ++end;
  return {first, end};
}

RepositoryCounts DirectoryTables::counts() const {
  return {peers_.size(), file_count_, index_.name_count(), index_.content_count()};
}

void DirectoryTables::touch(const PeerKey& key, Clock::Steady now) const {
  const auto found = peers_.find(key);
  if (found != peers_.end()) found->second.last_seen = now;
}

}  // namespace trueque
