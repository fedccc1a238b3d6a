#include "server/storage/postgres/postgres_directory_repository.h"

#include "server/storage/postgres/postgres_file_rows.h"
#include "server/storage/postgres/postgres_rows.h"

namespace trueque {
namespace {

using Transaction = pqxx::transaction_base;

// A peer's "last seen" may be so much older than it was.
constexpr std::chrono::seconds kBetweenTouches{5};

double seconds(std::chrono::seconds duration) { return static_cast<double>(duration.count()); }

}  // namespace

std::optional<double> PostgresDirectoryRepository::time(Clock::Steady now) const {
  if (clock_ == LeaseClock::kDatabase) return std::nullopt;
  return std::chrono::duration<double>(now.time_since_epoch()).count();
}

Result<FilesSummary> PostgresDirectoryRepository::open_session(const Session& session,
                                                               Clock::Steady now,
                                                               std::chrono::seconds lease) {
  using Answer = FilesSummary;
  const NullableText at(time(now));
  return pool_.write<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const PeerKey& peer = session.peer;
    const pqxx::row row = transaction.exec_prepared1("put_peer", peer.username, peer.ip, peer.port,
                                                     at.get(), seconds(lease));
    const auto id = row[0].as<std::int64_t>();
    const auto put =
        transaction.exec_prepared("put_session", bytes_of(session.token), id,
                                  row[1].as<std::int64_t>(), microseconds(session.opened));
    if (put.affected_rows() == 1) return summary_of(transaction, id, files_row_of(row, 2));
    return make_error(Code::kAlreadyExists, "This token has a session already.");
  });
}

Status PostgresDirectoryRepository::close_session(const TokenHash& token) {
  return pool_.write<void>([&](Transaction& transaction) -> Status {
    const auto peer = transaction.exec_prepared("lock_peer_of_session", bytes_of(token));
    const bool is_there =
        !peer.empty() && transaction.exec_prepared("end_session", bytes_of(token)).affected_rows();
    if (!is_there) return make_error(Code::kNotFound, "This session has ended.");
    transaction.exec_prepared("end_peer_without_sessions", peer[0][0].as<std::int64_t>());
    return {};
  });
}

Status PostgresDirectoryRepository::close_latest_session(const PeerKey& peer) {
  return pool_.write<void>([&](Transaction& transaction) -> Status {
    const auto found = transaction.exec_prepared("lock_peer", peer.username, peer.ip, peer.port);
    if (found.empty()) return no_such_peer();
    const auto id = found[0][0].as<std::int64_t>();
    transaction.exec_prepared("end_latest_session", id);
    transaction.exec_prepared("end_peer_without_sessions", id);
    return {};
  });
}

Result<std::optional<Session>> PostgresDirectoryRepository::find_session(
    const TokenHash& token) const {
  using Answer = std::optional<Session>;
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("find_session", bytes_of(token));
    if (found.empty()) return Answer();
    const std::chrono::microseconds opened(found[0][3].as<std::int64_t>());
    return Answer(Session{token, peer_of(found[0], 0), Clock::Wall(opened)});
  });
}

Result<std::optional<PeerKey>> PostgresDirectoryRepository::latest_peer_at(
    const std::string& ip, std::optional<std::uint16_t> port) const {
  using Answer = std::optional<PeerKey>;
  const NullableText port_or_null(port);
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("latest_peer_at", ip, port_or_null.get());
    return found.empty() ? Answer() : Answer(peer_of(found[0], 0));
  });
}

Result<bool> PostgresDirectoryRepository::has_peer(const PeerKey& peer) const {
  return pool_.read<bool>([&](Transaction& transaction) -> Result<bool> {
    return !transaction.exec_prepared("has_peer", peer.username, peer.ip, peer.port).empty();
  });
}

Result<std::vector<PeerSummary>> PostgresDirectoryRepository::peers(Clock::Steady now) const {
  using Answer = std::vector<PeerSummary>;
  const NullableText at(time(now));
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    Answer peers;
    for (const pqxx::row& row : transaction.exec_prepared("list_peers", at.get())) {
      peers.push_back({peer_of(row, 0), row[3].as<std::uint64_t>(),
                       std::chrono::seconds(row[4].as<std::int64_t>())});
    }
    return peers;
  });
}

Result<FilesSummary> PostgresDirectoryRepository::renew_lease(const PeerKey& peer,
                                                              Clock::Steady now,
                                                              std::chrono::seconds lease) {
  using Answer = std::optional<FilesSummary>;
  const NullableText at(time(now));
  const auto moved = pool_.write_lightly<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto row = transaction.exec_prepared("move_lease", peer.username, peer.ip, peer.port,
                                               at.get(), seconds(lease));
    if (row.empty()) return Answer();
    const PeerFilesRow files = files_row_of(row[0], 0);
    if (!files.digest) return Answer();
    return Answer(FilesSummary{files.files, files.revision, *files.digest});
  });
  if (!moved.ok()) return moved.error();
  return *moved ? Result<FilesSummary>(**moved) : begin_lease(peer, now, lease);
}

// Also where the digest is not known: once for a peer that was there before there were any.
Result<FilesSummary> PostgresDirectoryRepository::begin_lease(const PeerKey& peer,
                                                              Clock::Steady now,
                                                              std::chrono::seconds lease) {
  using Answer = FilesSummary;
  const NullableText at(time(now));
  return pool_.write<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("lock_peer", peer.username, peer.ip, peer.port);
    if (found.empty()) return no_such_peer();
    const auto id = found[0][0].as<std::int64_t>();
    transaction.exec_prepared("begin_lease", id, at.get(), seconds(lease));
    return summary_of(transaction, id, files_row_of(found[0], 1));
  });
}

bool PostgresDirectoryRepository::is_touched_lately(const PeerKey& peer, Clock::Steady now) {
  const std::lock_guard lock(mutex_);
  if (now - touches_since_ >= kBetweenTouches) {
    touched_.clear();
    touches_since_ = now;
  }
  return !touched_.insert(peer).second;
}

void PostgresDirectoryRepository::touch(const PeerKey& peer, Clock::Steady now) {
  if (is_touched_lately(peer, now)) return;
  const NullableText at(time(now));
  const Status written = pool_.write_lightly<void>([&](Transaction& transaction) -> Status {
    transaction.exec_prepared("touch", peer.username, peer.ip, peer.port, at.get());
    return {};
  });
  // Nobody is told when somebody was seen; the request itself meets the same trouble.
  static_cast<void>(written);
}

void PostgresDirectoryRepository::grant_full_leases(Clock::Steady now, std::chrono::seconds lease) {
  const NullableText at(time(now));
  const Status written = pool_.write_lightly<void>([&](Transaction& transaction) -> Status {
    transaction.exec_prepared("grant_full_leases", at.get(), seconds(lease));
    return {};
  });
  // Where this fails expire() does as well, and both are tried again.
  static_cast<void>(written);
}

Result<std::vector<PeerKey>> PostgresDirectoryRepository::expire(Clock::Steady now,
                                                                 Clock::Wall oldest_session) {
  using Answer = std::vector<PeerKey>;
  const NullableText at(time(now));
  return pool_.write_lightly<Answer>([&](Transaction& transaction) -> Result<Answer> {
    Answer gone;
    if (!transaction.exec_prepared1("try_to_be_the_sweeper")[0].as<bool>()) return gone;
    for (const pqxx::row& row : transaction.exec_prepared("end_leases", at.get()))
      gone.push_back(peer_of(row, 0));
    const auto old = transaction.exec_prepared("end_old_sessions", microseconds(oldest_session));
    for (const pqxx::row& row : old) {
      const auto ended =
          transaction.exec_prepared("end_sessionless_peer", row[0].as<std::int64_t>());
      if (!ended.empty()) gone.push_back(peer_of(ended[0], 0));
    }
    return gone;
  });
}

}  // namespace trueque
