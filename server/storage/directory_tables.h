// The directory's state in memory: peers, sessions, leases and files, with the
// verbs of DirectoryRepository as plain functions. A verb that changes something
// notes it in a Change: what ended with it, and how to take it back.
//
// Not synchronised: writers need the tables for themselves, readers may run side
// by side. touch() counts as a reader.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/core/directory_repository.h"
#include "server/storage/file_images.h"
#include "server/storage/index/file_index.h"
#include "server/storage/index/peer_files.h"

namespace trueque {

// What a verb did.
struct Change {
  std::vector<TokenHash> ended_sessions;    // of peers that stay
  std::vector<PeerKey> ended_peers;         // with all that was theirs
  std::vector<std::function<void()>> undo;  // run the last one first
  std::string record;  // the change as the journal keeps it; made by TablesRepository

  bool empty() const { return undo.empty(); }
};

struct OrderedSession {
  Session session;
  std::uint64_t order = 0;  // of its opening among all of them
};

class DirectoryTables {
 public:
  struct Peer {
    Peer(FileIndex& index, const PeerKey& own_key) : key(own_key), files(index, key) {}

    const PeerKey key;
    bool leased = false;
    std::uint64_t login_order = 0;  // the higher, the more recently logged in
    mutable std::atomic<Clock::Steady> last_seen{};
    Clock::Steady lease_until = Clock::Steady::max();
    std::vector<TokenHash> sessions;  // oldest first
    PeerFiles files;
    std::uint64_t revision = 0;  // of the files: see FilesSummary
  };

  // Called now and then by a verb that changes many files, between two of them: everything
  // is in order then, and readers may be let in.
  void set_pause(std::function<void()> pause) { pause_ = std::move(pause); }

  // Where the revisions of files begin: beyond those of any tables that were before these.
  void begin_revisions(std::uint64_t first) { last_revision_ = first; }

  Result<FilesSummary> open_session(const Session& session, Clock::Steady now,
                                    std::chrono::seconds lease, Change& change);
  Status close_session(const TokenHash& token, Change& change);
  Status close_latest_session(const PeerKey& peer, Change& change);
  Result<std::uint64_t> add_files(const PeerKey& peer, std::span<const SharedFile> files,
                                  Change& change);
  Result<std::uint64_t> replace_files(const PeerKey& peer, std::span<const SharedFile> files,
                                      Change& change);
  Result<std::uint64_t> remove_files(const PeerKey& peer, std::span<const std::string> names,
                                     Change& change);
  Result<FilesSummary> renew_lease(const PeerKey& peer, Clock::Steady now,
                                   std::chrono::seconds lease, Change& change);
  // renew_lease() where that changes nothing durable; nothing where it would.
  std::optional<FilesSummary> move_lease(const PeerKey& peer, Clock::Steady now,
                                         std::chrono::seconds lease);
  void grant_full_leases(Clock::Steady now, std::chrono::seconds lease);
  bool anything_expires(Clock::Steady now, Clock::Wall oldest_session) const;
  std::vector<PeerKey> expire(Clock::Steady now, Clock::Wall oldest_session, Change& change);

  std::optional<Session> find_session(const TokenHash& token) const;
  std::optional<PeerKey> latest_peer_at(const std::string& ip,
                                        std::optional<std::uint16_t> port) const;
  const FileIndex& files() const { return index_; }
  std::vector<PeerSummary> peers(Clock::Steady now) const;
  // The peers of one person: [first, end) of all_peers().
  using PeerRange =
      std::pair<std::map<PeerKey, Peer>::const_iterator, std::map<PeerKey, Peer>::const_iterator>;
  PeerRange peers_of(const std::string& username) const;
  RepositoryCounts counts() const;
  // Calls visit(name, content) for each file of the peer, in no order.
  template <typename Visit>
  static void for_each_file(const Peer& peer, Visit visit) {
    const FileIndex& index = peer.files.index();
    peer.files.each([&](VariantId each) {
      const Variant& variant = index.variant(each);
      visit(index.text(variant.name), variant.content());
    });
  }
  void touch(const PeerKey& peer, Clock::Steady now) const;

  // Around loading very many files: see FileIndex.
  void begin_loading(std::size_t entries = 0) { index_.begin_loading(entries); }
  void finish_loading() { index_.finish_loading(); }
  // For loading and writing: every peer in the order of its key.
  const std::map<PeerKey, Peer>& all_peers() const { return peers_; }
  std::vector<OrderedSession> sessions_of(const Peer& peer) const;  // oldest first
  // A peer with no session and no lease, as it was loaded; false when it is there already.
  bool restore_peer(const PeerKey& key, Clock::Steady now);
  // False when there is no such peer, or the token is there already.
  bool restore_session(const Session& session);
  bool restore_lease(const PeerKey& key);
  // For replaying: each leaves the same whether or not it was so before. The session
  // is the latest one afterwards, its peer there; what is not there is not dropped.
  void reopen_session(const Session& session, Clock::Steady now);
  void drop_session(const TokenHash& token);
  void drop_peer(const PeerKey& key);

 private:
  using SessionRecord = OrderedSession;
  struct TokenHasher {
    std::size_t operator()(const TokenHash& token) const noexcept {
      return ContentIdHash()(ContentId{token});
    }
  };
  // A peer as it was, for taking its removal back.
  struct PeerImage;
  // Peers at one address by the order of their last login.
  using ByLogin = std::map<std::uint64_t, const PeerKey*>;

  Peer* find_peer(const PeerKey& key);
  Peer& create_peer(const PeerKey& key);
  void erase_peer(const PeerKey& key);
  void set_login_order(Peer& peer, std::uint64_t order);
  void unlist_address(const Peer& peer, int port);
  void add_session(Peer& peer, const SessionRecord& record);
  SessionRecord take_session(const TokenHash& token);
  void end_session(const TokenHash& token, Change& change);
  void end_peer(Peer& peer, Change& change);
  FilesSummary summary_of(Peer& peer) const;
  PeerImage image_of(const Peer& peer) const;
  void restore(const PeerImage& image);
  // Each notes how the name stood before, unless that changes nothing.
  void put_file(Peer& peer, NameId name, const std::optional<Content>& content, FileImages& before);
  void put_files(Peer& peer, std::span<const SharedFile> files, FileImages& before);
  void drop_file(Peer& peer, NameId name, FileImages& before);
  void drop_all_files(Peer& peer);
  void put_back(const PeerKey& key, const FileImages& images);
  void pause_after(std::size_t files) const;
  std::uint64_t note_files(Peer& peer, FileImages images, Change& change);

  std::function<void()> pause_ = [] {};
  FileIndex index_;
  std::map<PeerKey, Peer> peers_;  // nodes stay where they are: the index points at keys
  std::unordered_map<TokenHash, SessionRecord, TokenHasher> sessions_;
  std::map<std::pair<std::string, int>, ByLogin> by_address_;  // of ip and port; port -1: any
  std::uint64_t last_order_ = 0;
  std::uint64_t last_revision_ = 0;
  std::uint64_t file_count_ = 0;
};

}  // namespace trueque
