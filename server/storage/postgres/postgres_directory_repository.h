// The directory's state in PostgreSQL, shared by any number of servers: whatever one has
// acknowledged the others see. Each verb is one transaction. Leases go by the database's
// clock, so that servers whose clocks differ agree on who is there.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "server/core/directory_repository.h"
#include "server/storage/postgres/postgres_counts.h"
#include "server/storage/postgres/postgres_pool.h"

namespace trueque {

// Whose time leases go by; the caller's is for tests that move it by hand.
enum class LeaseClock { kDatabase, kCaller };

class PostgresDirectoryRepository final : public DirectoryRepository {
 public:
  // The pool must outlive it, and its database be migrated.
  explicit PostgresDirectoryRepository(PostgresPool& pool, LeaseClock clock = LeaseClock::kDatabase)
      : pool_(pool), clock_(clock), counts_(pool, system_clock_) {}

  Result<FilesSummary> open_session(const Session& session, Clock::Steady now,
                                    std::chrono::seconds lease) override;
  Status close_session(const TokenHash& token) override;
  Status close_latest_session(const PeerKey& peer) override;
  Result<std::optional<Session>> find_session(const TokenHash& token) const override;
  Result<std::optional<PeerKey>> latest_peer_at(const std::string& ip,
                                                std::optional<std::uint16_t> port) const override;
  Result<std::uint64_t> add_files(const PeerKey& peer, std::span<const SharedFile> files) override;
  Result<std::uint64_t> replace_files(const PeerKey& peer,
                                      std::span<const SharedFile> files) override;
  Result<std::uint64_t> remove_files(const PeerKey& peer,
                                     std::span<const std::string> names) override;
  Result<std::vector<Source>> find_by_name(std::string_view name,
                                           std::uint32_t limit) const override;
  Result<std::vector<Source>> find_by_content(const ContentId& id,
                                              std::uint32_t limit) const override;
  // One statement for all names, and one for all contents.
  Result<std::vector<Source>> find_many(std::span<const std::string> names,
                                        std::span<const ContentId> ids,
                                        std::uint32_t limit) const override;
  Result<std::vector<RankedHit>> search(const SearchRequest& request) const override;
  Result<FindResult> find_files(const FindRequest& request) const override;
  Result<bool> has_peer(const PeerKey& peer) const override;
  Result<std::vector<PeerSummary>> peers(Clock::Steady now) const override;
  // Names and contents may be those of a minute ago: see PostgresCounts.
  Result<RepositoryCounts> counts() const override { return counts_.read(); }
  Result<FilesSummary> renew_lease(const PeerKey& peer, Clock::Steady now,
                                   std::chrono::seconds lease) override;
  // Written at most every few seconds for a peer.
  void touch(const PeerKey& peer, Clock::Steady now) override;
  void grant_full_leases(Clock::Steady now, std::chrono::seconds lease) override;
  // Nothing while another server does it.
  Result<std::vector<PeerKey>> expire(Clock::Steady now, Clock::Wall oldest_session) override;

 private:
  Result<FilesSummary> begin_lease(const PeerKey& peer, Clock::Steady now,
                                   std::chrono::seconds lease);
  std::optional<double> time(Clock::Steady now) const;
  bool is_touched_lately(const PeerKey& peer, Clock::Steady now);

  PostgresPool& pool_;
  const LeaseClock clock_;
  const SystemClock system_clock_;
  mutable PostgresCounts counts_;
  std::mutex mutex_;
  Clock::Steady touches_since_{};  // guarded by mutex_
  std::set<PeerKey> touched_;      // guarded by mutex_: since then
};

}  // namespace trueque
