#include "server/storage/tables_repository.h"

#include <iterator>

#include "server/storage/file_listing.h"
#include "server/storage/journal/journal_records.h"

namespace trueque {

namespace {

// For readers that look at much.
std::shared_lock<TurnTakingMutex> lock_in_turn(TurnTakingMutex& mutex) {
  mutex.lock_shared_in_turn();
  return {mutex, std::adopt_lock};
}

}  // namespace

template <typename Verb>
auto TablesRepository::write(std::string record, Verb verb)
    -> decltype(verb(std::declval<Change&>())) {
  std::unique_lock lock(mutex_);
  Change change;
  auto result = verb(change);
  if (!result.ok()) return result;
  if (!change.empty()) change.record = record.empty() ? ended_records(change) : std::move(record);
  const Status durable = make_durable(std::move(lock), std::move(change));
  if (!durable) return durable.error();
  return result;
}

Result<FilesSummary> TablesRepository::open_session(const Session& session, Clock::Steady now,
                                                    std::chrono::seconds lease) {
  return write(session_opened_record(session),
               [&](Change& change) { return tables_.open_session(session, now, lease, change); });
}

Status TablesRepository::close_session(const TokenHash& token) {
  return write({}, [&](Change& change) { return tables_.close_session(token, change); });
}

Status TablesRepository::close_latest_session(const PeerKey& peer) {
  return write({}, [&](Change& change) { return tables_.close_latest_session(peer, change); });
}

Result<std::uint64_t> TablesRepository::add_files(const PeerKey& peer,
                                                  std::span<const SharedFile> files) {
  return write(files_put_record(peer, files),
               [&](Change& change) { return tables_.add_files(peer, files, change); });
}

Result<std::uint64_t> TablesRepository::replace_files(const PeerKey& peer,
                                                      std::span<const SharedFile> files) {
  return write(files_replaced_record(peer, files),
               [&](Change& change) { return tables_.replace_files(peer, files, change); });
}

Result<std::uint64_t> TablesRepository::remove_files(const PeerKey& peer,
                                                     std::span<const std::string> names) {
  return write(files_removed_record(peer, names),
               [&](Change& change) { return tables_.remove_files(peer, names, change); });
}

Result<FilesSummary> TablesRepository::renew_lease(const PeerKey& peer, Clock::Steady now,
                                                   std::chrono::seconds lease) {
  {
    // A lease that is held already only moves, and waits for no disk.
    const std::unique_lock lock(mutex_);
    if (const auto moved = tables_.move_lease(peer, now, lease)) return *moved;
  }
  return write(lease_began_record(peer),
               [&](Change& change) { return tables_.renew_lease(peer, now, lease, change); });
}

Result<std::vector<PeerKey>> TablesRepository::expire(Clock::Steady now,
                                                      Clock::Wall oldest_session) {
  {
    // Mostly there is nothing to do, and readers need not be kept waiting for that.
    const auto lock = lock_in_turn(mutex_);
    if (!tables_.anything_expires(now, oldest_session)) return std::vector<PeerKey>();
  }
  return write({}, [&](Change& change) -> Result<std::vector<PeerKey>> {
    return tables_.expire(now, oldest_session, change);
  });
}

void TablesRepository::grant_full_leases(Clock::Steady now, std::chrono::seconds lease) {
  const std::unique_lock lock(mutex_);
  tables_.grant_full_leases(now, lease);
}

Result<std::optional<Session>> TablesRepository::find_session(const TokenHash& token) const {
  const std::shared_lock lock(mutex_);
  return tables_.find_session(token);
}

Result<std::optional<PeerKey>> TablesRepository::latest_peer_at(
    const std::string& ip, std::optional<std::uint16_t> port) const {
  const std::shared_lock lock(mutex_);
  return tables_.latest_peer_at(ip, port);
}

Result<std::vector<Source>> TablesRepository::find_by_name(std::string_view name,
                                                           std::uint32_t limit) const {
  const std::shared_lock lock(mutex_);
  return tables_.files().find_by_name(name, limit);
}

Result<std::vector<Source>> TablesRepository::find_by_content(const ContentId& id,
                                                              std::uint32_t limit) const {
  const std::shared_lock lock(mutex_);
  return tables_.files().find_by_content(id, limit);
}

// Each look-up is a short one: writers need not wait for all of them.
Result<std::vector<Source>> TablesRepository::find_many(std::span<const std::string> names,
                                                        std::span<const ContentId> ids,
                                                        std::uint32_t limit) const {
  std::vector<Source> all;
  const auto add = [&all](std::vector<Source> found) {
    std::move(found.begin(), found.end(), std::back_inserter(all));
  };
  for (const std::string& name : names) {
    const std::shared_lock lock(mutex_);
    add(tables_.files().find_by_name(name, limit));
  }
  for (const ContentId& id : ids) {
    const std::shared_lock lock(mutex_);
    add(tables_.files().find_by_content(id, limit));
  }
  return all;
}

Result<std::vector<RankedHit>> TablesRepository::search(const SearchRequest& request) const {
  const auto lock = lock_in_turn(mutex_);
  return tables_.files().search(request);
}

Result<FindResult> TablesRepository::find_files(const FindRequest& request) const {
  const auto lock = lock_in_turn(mutex_);
  return FileListing(tables_, request).page();
}

Result<bool> TablesRepository::has_peer(const PeerKey& peer) const {
  const std::shared_lock lock(mutex_);
  return tables_.all_peers().contains(peer);
}

Result<std::vector<PeerSummary>> TablesRepository::peers(Clock::Steady now) const {
  const auto lock = lock_in_turn(mutex_);
  return tables_.peers(now);
}

Result<RepositoryCounts> TablesRepository::counts() const {
  const std::shared_lock lock(mutex_);
  return tables_.counts();
}

void TablesRepository::touch(const PeerKey& peer, Clock::Steady now) {
  const std::shared_lock lock(mutex_);
  tables_.touch(peer, now);
}

}  // namespace trueque
