// DirectoryRepository over DirectoryTables: locking, and the one step that
// implementations differ in, making a change durable. Readers share a lock that
// is never held over I/O.
#pragma once

#include <mutex>
#include <shared_mutex>

#include "server/core/directory_repository.h"
#include "server/storage/directory_tables.h"
#include "server/storage/turn_taking_mutex.h"

namespace trueque {

class TablesRepository : public DirectoryRepository {
 public:
  TablesRepository() {
    tables_.set_pause([this] { mutex_.let_readers_in(); });
  }

  Result<FilesSummary> open_session(const Session& session, Clock::Steady now,
                                    std::chrono::seconds lease) final;
  Status close_session(const TokenHash& token) final;
  Status close_latest_session(const PeerKey& peer) final;
  Result<std::optional<Session>> find_session(const TokenHash& token) const final;
  Result<std::optional<PeerKey>> latest_peer_at(const std::string& ip,
                                                std::optional<std::uint16_t> port) const final;
  Result<std::uint64_t> add_files(const PeerKey& peer, std::span<const SharedFile> files) final;
  Result<std::uint64_t> replace_files(const PeerKey& peer, std::span<const SharedFile> files) final;
  Result<std::uint64_t> remove_files(const PeerKey& peer, std::span<const std::string> names) final;
  Result<std::vector<Source>> find_by_name(std::string_view name, std::uint32_t limit) const final;
  Result<std::vector<Source>> find_by_content(const ContentId& id, std::uint32_t limit) const final;
  Result<std::vector<Source>> find_many(std::span<const std::string> names,
                                        std::span<const ContentId> ids,
                                        std::uint32_t limit) const final;
  Result<std::vector<RankedHit>> search(const SearchRequest& request) const final;
  Result<FindResult> find_files(const FindRequest& request) const final;
  Result<bool> has_peer(const PeerKey& peer) const final;
  Result<std::vector<PeerSummary>> peers(Clock::Steady now) const final;
  Result<RepositoryCounts> counts() const final;
  Result<FilesSummary> renew_lease(const PeerKey& peer, Clock::Steady now,
                                   std::chrono::seconds lease) final;
  void touch(const PeerKey& peer, Clock::Steady now) final;
  void grant_full_leases(Clock::Steady now, std::chrono::seconds lease) final;
  Result<std::vector<PeerKey>> expire(Clock::Steady now, Clock::Wall oldest_session) final;

 protected:
  // Called with `lock` (of mutex_) held by a verb that has just made `change`,
  // which may be empty; returns with the lock released, when the change is durable
  // or has been taken back. An empty change must wait for those it may rest on.
  virtual Status make_durable(std::unique_lock<TurnTakingMutex> lock, Change change) = 0;

  mutable TurnTakingMutex mutex_;
  DirectoryTables tables_;  // guarded by mutex_

 private:
  // `record` says the change to the journal, made before the lock is taken; empty where
  // that is what the verb ended.
  template <typename Verb>
  auto write(std::string record, Verb verb) -> decltype(verb(std::declval<Change&>()));
};

}  // namespace trueque
