// The rules of the directory: who may do what, what a valid request is, when a
// peer is gone. Knows neither HTTP nor JSON nor files. Every function may be
// called from any thread; log_in takes as long as hashing a password does (it
// runs on the PasswordHasher's own threads, the caller waits).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "server/core/account_repository.h"
#include "server/core/counter.h"
#include "server/core/directory_repository.h"
#include "server/core/login_throttle.h"
#include "server/core/password_hasher.h"
#include "server/core/session_token.h"
#include "server/core/swarm_register.h"

namespace trueque {

enum class AuthMode { kPassword, kOpen };
enum class Registration { kOpen, kClosed };

struct DirectoryRules {
  AuthMode auth = AuthMode::kPassword;
  Registration registration = Registration::kOpen;
  LeaseTerms terms;
};

inline constexpr std::size_t kMaxFilesPerRequest = 10'000;
inline constexpr std::uint32_t kDefaultLimit = 50;
inline constexpr std::uint32_t kMaxLimit = 1'000;
inline constexpr std::uint32_t kMaxRowsOfMany = 10'000;
inline constexpr std::chrono::hours kSessionLifetime{30 * 24};

// Who asks: the bearer token of the request, if any, and where it came from.
struct Caller {
  std::optional<std::string> token;
  std::string remote_address;
  std::optional<Session> session = std::nullopt;  // once admitted; not looked up again
};

struct LoginRequest {
  std::string username;
  std::string password;
  std::string peer_ip;
  std::uint16_t peer_port = kDefaultPeerPort;
};

// A peer as a request names it; the token says the rest.
struct PeerReference {
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;
};

class Directory {
 public:
  // References must outlive the Directory. Peers already under a lease get a full one.
  // `make_token` gives unguessable text; tests may give their own.
  Directory(const DirectoryRules& rules, DirectoryRepository& repository,
            AccountRepository& accounts, PasswordHasher& hasher, const Clock& clock,
            std::function<std::string()> make_token = random_token);

  // Whether the caller may ask anything at all, so that an adapter can refuse a
  // request before it reads the body. Every function below checks by itself who has
  // not been admitted.
  Status admit(Caller& caller) {
    auto session = authenticate(caller);
    if (!session.ok()) return session.error();
    caller.session = *std::move(session);
    return {};
  }

  // Whether the token has a session. Tells callers apart and admits nobody.
  bool knows(const std::string& token) const {
    const Result<std::optional<Session>> session = session_of(token);
    return session.ok() && session->has_value();
  }

  Result<LoginReply> log_in(const LoginRequest& request, const std::string& remote_address);
  // Gives the address logged out, in canonical form.
  Result<std::string> log_out(const Caller& caller, const PeerReference& peer);
  Result<std::uint64_t> index_files(const Caller& caller, const PeerReference& peer,
                                    std::span<const SharedFile> files, IndexMode mode);
  Result<std::vector<FileSource>> find_by_name(const Caller& caller, const std::string& file_name,
                                               std::uint32_t limit);
  Result<std::vector<FileSource>> find_by_content(const Caller& caller, const ContentId& id,
                                                  std::uint32_t limit);
  // The same of many, each once, in the order asked, names first; `limit` is of rows for each, and
  // less where all together would be over kMaxRowsOfMany. kNotFound when nobody shares any.
  Result<std::vector<FileSource>> find_many(const Caller& caller,
                                            std::span<const std::string> file_names,
                                            std::span<const ContentId> ids, std::uint32_t limit);
  // In pages: `query.cursor` is the `next` of the one before.
  Result<FoundPage> find_files(const Caller& caller, const FileQuery& query);
  // Says that the peer fetches the content now, for as long as it says so again in time,
  // and gives the others who do.
  Result<SwarmReply> join_swarm(const Caller& caller, const PeerReference& peer,
                                const Content& content);
  Status leave_swarm(const Caller& caller, const PeerReference& peer, const Content& content);
  Result<HeartbeatReply> heartbeat(const Caller& caller, const PeerReference& peer);
  Result<SearchPage> search(const Caller& caller, const std::string& words, std::uint32_t limit,
                            const std::optional<std::string>& cursor);
  Result<std::vector<PeerSummary>> peers(const Caller& caller);
  Result<DirectoryStats> stats(const Caller& caller);

  // For whoever runs the directory; asks no caller.
  Result<DirectoryStats> counts() const;
  std::uint64_t expired_peers() const { return expired_peers_.value(); }

  // An error while the state cannot be read.
  Status check_reading() const;

  // Call about once a second: removes what has run out. A gap between two calls
  // longer than a lease counts as a pause, and every peer gets a full lease.
  // Returns the peers removed.
  Result<std::vector<PeerKey>> expire();

 private:
  // Nothing for a token that opened none, or whose session ended.
  Result<std::optional<Session>> session_of(const std::string& token) const;
  // The session of the caller's token; nothing for a request without one, where
  // the mode allows that.
  Result<std::optional<Session>> authenticate(const Caller& caller);
  // The peer a request is about, checked against the caller's session; kNotFound
  // when an open directory knows no peer there.
  Result<PeerKey> resolve_peer(const std::optional<Session>& session, const PeerReference& peer);
  // The peer of a request about a content, once all of that is checked.
  Result<PeerKey> peer_of_request(const Caller& caller, const PeerReference& peer,
                                  const Content& content);
  // A peer that goes is in no swarm any more.
  void forget_if_gone(const PeerKey& peer);
  Status check_password(const LoginRequest& request, const std::string& remote_address);
  Status verify_password(LoginThrottle::Attempt& attempt, const Account& account,
                         const std::string& password);
  Status register_account(LoginThrottle::Attempt& attempt, const LoginRequest& request);

  const DirectoryRules rules_;
  DirectoryRepository& repository_;
  AccountRepository& accounts_;
  PasswordHasher& hasher_;
  const Clock& clock_;
  const std::function<std::string()> make_token_;
  LoginThrottle throttle_;
  SwarmRegister swarms_;
  const Clock::Steady started_;
  std::atomic<Clock::Steady> last_expiry_;
  std::atomic<std::uint64_t> find_turn_ = 0;
  Counter expired_peers_;
};

// Makes an account while the server may be running; for `main-server add-user`.
Status add_account(AccountRepository& accounts, PasswordHasher& hasher, const std::string& username,
                   const std::string& password);

}  // namespace trueque
