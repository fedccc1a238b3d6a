// The seam to the directory's state: peers, their files, sessions and leases.
// Every verb is atomic, and a change is durable when its verb returns without an
// error; when it cannot be made durable the verb fails with kUnavailable and the
// state is as before. A read fails, with kUnavailable too, only where the state lies
// with another program that does not answer. Verbs may be called from any thread;
// reads never wait for a write's disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "server/core/file_filter.h"

namespace trueque {

// SHA-256 of a token; the token itself is never kept.
using TokenHash = Sha256;

struct Session {
  TokenHash token{};
  PeerKey peer;
  Clock::Wall opened;
};

struct Source {
  PeerKey peer;
  SharedFile file;
};

// Where a page of a search ends: the next page begins after this hit.
struct SearchPosition {
  int rank = 0;
  std::uint64_t sources = 0;
  SharedFile file;
};

struct SearchRequest {
  std::string words;  // at least one word
  std::uint32_t limit = 50;
  std::optional<SearchPosition> after;
};

struct RankedHit {
  int rank = 0;  // 0 is best: whole name, prefix, start of a word, inside a word
  SearchHit hit;
};

// One page of a listing, in the order of names (as bytes) and of a name's contents.
struct FindRequest {
  FileFilter filter;
  std::uint32_t limit = 1000;
  std::optional<SharedFile> after;  // where the page before ended
  std::uint64_t turn = 0;           // moves which sources are told of a file that has too many
};

struct FindResult {
  std::vector<FoundFile> files;
  std::optional<SharedFile> end;  // where the page ended; nothing when no other follows
};

inline constexpr std::size_t kMaxSourcesOfAFile = 50;  // told in a listing

struct RepositoryCounts {
  std::uint64_t peers = 0, files = 0, names = 0, contents = 0;
};

class DirectoryRepository {
 public:
  virtual ~DirectoryRepository() = default;

  // Opens a session and notes that the peer was heard from; the peer is created
  // when new and keeps its files when not. One already under a lease gets a full
  // one, so that a login just before its end is not swept away with it. Gives what
  // the peer shares.
  virtual Result<FilesSummary> open_session(const Session& session, Clock::Steady now,
                                            std::chrono::seconds lease) = 0;
  // Ends one session (kNotFound if there is none with this token). With its last
  // session the peer and its files go.
  virtual Status close_session(const TokenHash& token) = 0;
  // Without a token: ends the peer's most recently opened session, and with the
  // last one the peer. kNotFound for an unknown peer.
  virtual Status close_latest_session(const PeerKey& peer) = 0;
  virtual Result<std::optional<Session>> find_session(const TokenHash& token) const = 0;
  // The peer logged in most recently from this address, on this port when given.
  virtual Result<std::optional<PeerKey>> latest_peer_at(
      const std::string& ip, std::optional<std::uint16_t> port) const = 0;

  // Each gives the number of files the peer has afterwards; kNotFound for an
  // unknown peer. Adding a name again replaces its content; removing a name that
  // is not there is no error.
  virtual Result<std::uint64_t> add_files(const PeerKey& peer,
                                          std::span<const SharedFile> files) = 0;
  virtual Result<std::uint64_t> replace_files(const PeerKey& peer,
                                              std::span<const SharedFile> files) = 0;
  virtual Result<std::uint64_t> remove_files(const PeerKey& peer,
                                             std::span<const std::string> names) = 0;

  // By whole name (first) or, when `name` holds no '/', by last component. At most
  // `limit`, shared out so that each content is among them as long as there is room.
  virtual Result<std::vector<Source>> find_by_name(std::string_view name,
                                                   std::uint32_t limit) const = 0;
  virtual Result<std::vector<Source>> find_by_content(const ContentId& id,
                                                      std::uint32_t limit) const = 0;
  // The sources of many at once: of each name as find_by_name(), of each content as
  // find_by_content(), one behind the other in the order given, names first.
  virtual Result<std::vector<Source>> find_many(std::span<const std::string> names,
                                                std::span<const ContentId> ids,
                                                std::uint32_t limit) const = 0;
  // Best first, at most request.limit + 1 hits: one more tells that a page follows.
  virtual Result<std::vector<RankedHit>> search(const SearchRequest& request) const = 0;
  // Looks at a bounded number of names, and so may end a page with few files, or none,
  // and others to follow. Files that are there all along come exactly once, whatever
  // comes and goes between two pages. With a peer_name the sources are that person's.
  virtual Result<FindResult> find_files(const FindRequest& request) const = 0;
  virtual Result<bool> has_peer(const PeerKey& peer) const = 0;
  virtual Result<std::vector<PeerSummary>> peers(Clock::Steady now) const = 0;
  virtual Result<RepositoryCounts> counts() const = 0;

  // Notes that the peer was heard from. The first one puts the peer under a lease
  // (durably); later ones only move it. Gives what the peer shares, at a price that does
  // not depend on how much that is (but once, after a start). kNotFound for an unknown peer.
  virtual Result<FilesSummary> renew_lease(const PeerKey& peer, Clock::Steady now,
                                           std::chrono::seconds lease) = 0;
  // Notes a request of the peer for `peers`, without touching its lease.
  virtual void touch(const PeerKey& peer, Clock::Steady now) = 0;
  // Gives every peer under a lease a full one from now on.
  virtual void grant_full_leases(Clock::Steady now, std::chrono::seconds lease) = 0;
  // Removes peers whose lease has run out, sessions opened before `oldest_session`,
  // and peers whose last session went that way. Returns the peers removed.
  virtual Result<std::vector<PeerKey>> expire(Clock::Steady now, Clock::Wall oldest_session) = 0;
};

}  // namespace trueque
