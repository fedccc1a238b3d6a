#include "server/core/directory.h"

#include <algorithm>
#include <utility>

#include "common/base/address.h"
#include "common/base/text.h"
#include "server/core/file_sources.h"
#include "server/core/request_rules.h"
#include "server/core/search_cursor.h"
#include "server/core/search_query.h"

namespace trueque {
namespace {

// Requests that come meanwhile wait no longer than this takes.
constexpr std::size_t kSweptAtATime = 1'000;

Error unauthenticated(std::string message) {
  return make_error(Code::kUnauthenticated, std::move(message));
}

Error session_ended() {
  return unauthenticated("The token is unknown or its session has ended; log in again.");
}

Error peer_not_found() { return make_error(Code::kNotFound, "Peer IP not found."); }

// A peer that vanished under a request: with a token its session is gone as well.
Error gone(const std::optional<Session>& session, const Error& error) {
  if (error.code != Code::kNotFound) return error;
  return session ? session_ended() : peer_not_found();
}

std::vector<std::string> names_of(std::span<const SharedFile> files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const SharedFile& file : files) names.push_back(file.name);
  return names;
}

Result<std::uint64_t> apply_files(DirectoryRepository& repository, const PeerKey& peer,
                                  std::span<const SharedFile> files, IndexMode mode) {
  switch (mode) {
    case IndexMode::kAdd:
      return repository.add_files(peer, files);
    case IndexMode::kReplace:
      return repository.replace_files(peer, files);
    case IndexMode::kRemove:
      return repository.remove_files(peer, names_of(files));
  }
  return make_error(Code::kInternal, "An index mode that does not exist.");
}

Result<SearchPage> to_page(Result<std::vector<RankedHit>> hits, std::uint32_t limit) {
  if (!hits.ok()) return hits.error();
  SearchPage page;
  if (hits->size() > limit) {
    hits->resize(limit);
    page.next = encode_cursor(position_of(hits->back()));
  }
  for (RankedHit& hit : *hits) page.files.push_back(std::move(hit.hit));
  return page;
}

}  // namespace

Directory::Directory(const DirectoryRules& rules, DirectoryRepository& repository,
                     AccountRepository& accounts, PasswordHasher& hasher, const Clock& clock,
                     std::function<std::string()> make_token)
    : rules_(rules),
      repository_(repository),
      accounts_(accounts),
      hasher_(hasher),
      clock_(clock),
      make_token_(std::move(make_token)),
      throttle_(clock),
      swarms_(clock),
      started_(clock.steady()),
      last_expiry_(started_) {
  repository_.grant_full_leases(started_, rules_.terms.lease);
}

Result<LoginReply> Directory::log_in(const LoginRequest& request,
                                     const std::string& remote_address) {
  if (Status status = validate_username(request.username); !status) return status.error();
  Result<std::string> ip = canonical_peer_ip(request.peer_ip);
  if (!ip.ok()) return ip.error();
  if (Status status = validate_port(request.peer_port); !status) return status.error();
  if (rules_.auth == AuthMode::kPassword) {
    if (Status status = validate_password(request.password); !status) return status.error();
    if (Status status = check_password(request, remote_address); !status) return status.error();
  }
  LoginReply reply;
  reply.peer = {request.username, *std::move(ip), request.peer_port};
  reply.token = make_token_();
  reply.terms = rules_.terms;
  const Session session{hash_token(reply.token), reply.peer, clock_.wall()};
  const auto opened = repository_.open_session(session, clock_.steady(), rules_.terms.lease);
  if (!opened.ok()) return opened.error();
  reply.files = *opened;
  return reply;
}

Status Directory::check_password(const LoginRequest& request, const std::string& remote_address) {
  Result<LoginThrottle::Attempt> attempt = throttle_.begin(request.username, remote_address);
  if (!attempt.ok()) return attempt.error();
  const Result<std::optional<Account>> account = accounts_.find(request.username);
  if (!account.ok()) return account.error();
  if (*account) return verify_password(*attempt, **account, request.password);
  return register_account(*attempt, request);
}

Status Directory::verify_password(LoginThrottle::Attempt& attempt, const Account& account,
                                  const std::string& password) {
  const Result<bool> right = hasher_.verify(account.password_hash, password);
  if (!right.ok()) return right.error();
  if (!*right) {
    attempt.fail();
    return unauthenticated("Wrong password for '" + printable(account.username) + "'.");
  }
  attempt.succeed();
  return {};
}

Status Directory::register_account(LoginThrottle::Attempt& attempt, const LoginRequest& request) {
  if (rules_.registration == Registration::kClosed) {
    // As slow as a wrong password, so that time does not tell which names exist.
    if (Status status = hasher_.verify_nothing(request.password); !status) return status;
    return make_error(Code::kPermissionDenied,
                      "There is no account '" + printable(request.username) +
                          "', and this directory opens none by itself; ask its administrator to "
                          "run 'main-server add-user NAME'.");
  }
  const Result<std::string> hash = hasher_.hash(request.password);
  if (!hash.ok()) return hash.error();
  const Status created = accounts_.create({request.username, *hash});
  if (created) {
    attempt.succeed();
    return {};
  }
  if (created.error().code != Code::kAlreadyExists) return created;
  // Another first login of this name came first; its password is the account's.
  const Result<std::optional<Account>> winner = accounts_.find(request.username);
  if (!winner.ok()) return winner.error();
  if (!*winner) return created;
  return verify_password(attempt, **winner, request.password);
}

Result<std::optional<Session>> Directory::session_of(const std::string& token) const {
  Result<std::optional<Session>> session = repository_.find_session(hash_token(token));
  if (!session.ok() || !*session) return session;
  if ((*session)->opened + kSessionLifetime <= clock_.wall()) session->reset();
  return session;
}

Result<std::optional<Session>> Directory::authenticate(const Caller& caller) {
  if (caller.session) return caller.session;
  if (!caller.token) {
    if (rules_.auth == AuthMode::kOpen) return std::optional<Session>();
    return unauthenticated("This request needs the token of a login; log in first.");
  }
  Result<std::optional<Session>> session = session_of(*caller.token);
  if (!session.ok()) return session;
  if (!*session) return session_ended();
  repository_.touch((*session)->peer, clock_.steady());
  return session;
}

Result<PeerKey> Directory::resolve_peer(const std::optional<Session>& session,
                                        const PeerReference& peer) {
  const Result<std::string> ip = canonical_peer_ip(peer.peer_ip);
  if (!ip.ok()) return ip.error();
  if (peer.peer_port) {
    if (Status status = validate_port(*peer.peer_port); !status) return status.error();
  }
  if (!session) {
    const Result<std::optional<PeerKey>> latest = repository_.latest_peer_at(*ip, peer.peer_port);
    if (!latest.ok()) return latest.error();
    if (!*latest) return peer_not_found();
    repository_.touch(**latest, clock_.steady());
    return **latest;
  }
  const PeerKey& own = session->peer;
  if (own.ip == *ip && own.port == peer.peer_port.value_or(own.port)) return own;
  return make_error(Code::kPermissionDenied,
                    "This token belongs to the peer at " + host_and_port(own.ip, own.port) +
                        ", not to the one in the request; log in as that peer first.");
}

Result<std::string> Directory::log_out(const Caller& caller, const PeerReference& peer) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  const Result<PeerKey> key = resolve_peer(*session, peer);
  if (!key.ok()) {
    // Logging out a peer nobody knows has always been fine in an open directory.
    if (key.error().code == Code::kNotFound) return canonical_peer_ip(peer.peer_ip);
    return key.error();
  }
  const Status closed = *session ? repository_.close_session((*session)->token)
                                 : repository_.close_latest_session(*key);
  // Not found: it ended in the meantime, which is what was asked for.
  if (!closed && closed.error().code != Code::kNotFound) return closed.error();
  forget_if_gone(*key);
  return key->ip;
}

Result<std::uint64_t> Directory::index_files(const Caller& caller, const PeerReference& peer,
                                             std::span<const SharedFile> files, IndexMode mode) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_files(files); !status) return status.error();
  const Result<PeerKey> key = resolve_peer(*session, peer);
  if (!key.ok()) return key.error();
  Result<std::uint64_t> count = apply_files(repository_, *key, files, mode);
  if (!count.ok()) return gone(*session, count.error());
  return count;
}

Result<std::vector<FileSource>> Directory::find_by_name(const Caller& caller,
                                                        const std::string& file_name,
                                                        std::uint32_t limit) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_wanted_name(file_name); !status) return status.error();
  if (Status status = validate_limit(limit); !status) return status.error();
  return to_file_sources(repository_.find_by_name(file_name, limit));
}

Result<std::vector<FileSource>> Directory::find_by_content(const Caller& caller,
                                                           const ContentId& id,
                                                           std::uint32_t limit) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_limit(limit); !status) return status.error();
  return to_file_sources(repository_.find_by_content(id, limit));
}

Result<HeartbeatReply> Directory::heartbeat(const Caller& caller, const PeerReference& peer) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  const Result<PeerKey> key = resolve_peer(*session, peer);
  if (!key.ok()) return key.error();
  const auto renewed = repository_.renew_lease(*key, clock_.steady(), rules_.terms.lease);
  if (!renewed.ok()) return gone(*session, renewed.error());
  return HeartbeatReply{rules_.terms, *renewed};
}

Result<SearchPage> Directory::search(const Caller& caller, const std::string& words,
                                     std::uint32_t limit,
                                     const std::optional<std::string>& cursor) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_query(words); !status) return status.error();
  if (Status status = validate_limit(limit); !status) return status.error();
  SearchRequest request{words, limit, std::nullopt};
  if (cursor && !cursor->empty()) {
    Result<SearchPosition> position = decode_cursor(*cursor);
    if (!position.ok()) return position.error();
    request.after = *std::move(position);
  }
  return to_page(repository_.search(request), limit);
}

Result<std::vector<PeerSummary>> Directory::peers(const Caller& caller) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  return repository_.peers(clock_.steady());
}

Result<DirectoryStats> Directory::stats(const Caller& caller) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  return counts();
}

Result<DirectoryStats> Directory::counts() const {
  const Result<RepositoryCounts> counts = repository_.counts();
  if (!counts.ok()) return counts.error();
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(clock_.steady() - started_);
  return DirectoryStats{counts->peers, counts->files, counts->names, counts->contents, uptime};
}

Status Directory::check_reading() const {
  const Result<bool> read = repository_.has_peer(PeerKey());
  return read.ok() ? Status() : Status(read.error());
}

Result<std::vector<PeerKey>> Directory::expire() {
  const Clock::Steady now = clock_.steady();
  const Clock::Steady previous = last_expiry_.exchange(now);
  // Nobody could have been heard while this program itself stood still.
  if (now - previous > rules_.terms.lease) repository_.grant_full_leases(now, rules_.terms.lease);
  while (!swarms_.sweep(kSweptAtATime)) {
  }
  Result<std::vector<PeerKey>> gone = repository_.expire(now, clock_.wall() - kSessionLifetime);
  if (!gone.ok()) {
    // Nobody could be heard either while the state was out of reach.
    last_expiry_ = previous;
    return gone;
  }
  expired_peers_.add(gone->size());
  for (const PeerKey& peer : *gone) forget_if_gone(peer);
  return gone;
}

Status add_account(AccountRepository& accounts, PasswordHasher& hasher, const std::string& username,
                   const std::string& password) {
  if (Status status = validate_username(username); !status) return status;
  if (Status status = validate_password(password); !status) return status;
  const Result<std::string> hash = hasher.hash(password);
  if (!hash.ok()) return hash.error();
  const Status created = accounts.create({username, *hash});
  if (!created && created.error().code == Code::kAlreadyExists) {
    return make_error(Code::kAlreadyExists,
                      "There is an account '" + printable(username) + "' already.");
  }
  return created;
}

}  // namespace trueque
