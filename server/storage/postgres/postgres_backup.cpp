#include "server/storage/postgres/postgres_backup.h"

#include "server/storage/postgres/postgres_file_rows.h"
#include "server/storage/postgres/postgres_rows.h"

namespace trueque {
namespace {

using Transaction = pqxx::transaction_base;

constexpr std::size_t kFilesAtOnce = 10'000;

Status restore_files(Transaction& transaction, const PeerKey& key, std::int64_t peer_id,
                     DirectoryTables& tables) {
  std::vector<SharedFile> files;
  for (const pqxx::row& row : transaction.exec_prepared("files_of_peer", peer_id))
    files.push_back(file_of(row, 0));
  Change ignored;
  const auto added = tables.add_files(key, files, ignored);
  return added.ok() ? Status() : Status(added.error());
}

// In the order of their last logins, which the order of restoring keeps.
Status restore_peers(Transaction& transaction, DirectoryTables& tables, const Clock& clock) {
  const pqxx::result peers = transaction.exec(
      "select username, ip, port, peer_id, lease_until is not null from peers"
      " order by login_order");
  for (const pqxx::row& row : peers) {
    const PeerKey key = peer_of(row, 0);
    tables.restore_peer(key, clock.steady());
    if (row[4].as<bool>()) tables.restore_lease(key);
    const Status files = restore_files(transaction, key, row[3].as<std::int64_t>(), tables);
    if (!files.ok()) return files;
  }
  return {};
}

void restore_sessions(Transaction& transaction, DirectoryTables& tables) {
  const pqxx::result sessions = transaction.exec(
      "select username, ip, port, token, opened_us from sessions join peers using (peer_id)"
      " order by sessions.login_order");
  for (const pqxx::row& row : sessions) {
    const std::chrono::microseconds opened(row[4].as<std::int64_t>());
    tables.restore_session({hash_of(row[3]), peer_of(row, 0), Clock::Wall(opened)});
  }
}

Accounts read_accounts(Transaction& transaction) {
  Accounts accounts;
  for (const pqxx::row& row : transaction.exec("select username, password_hash from accounts")) {
    const auto name = row[0].as<std::string>();
    accounts.emplace(name, Account{name, row[1].as<std::string>()});
  }
  return accounts;
}

std::int64_t import_peer(Transaction& transaction, const DirectoryTables::Peer& peer) {
  const PeerKey& key = peer.key;
  // A lease that has run out by now: the server's first act is to grant full ones.
  const pqxx::row row = transaction.exec_params1(
      "insert into peers (username, ip, port, login_order, last_seen, lease_until)"
      " values ($1, $2, $3, $4, now(), case when $5 then now() end) returning peer_id",
      key.username, key.ip, key.port, peer.login_order, peer.leased);
  return row[0].as<std::int64_t>();
}

void import_files(Transaction& transaction, const DirectoryTables::Peer& peer, std::int64_t id) {
  FileContents files;
  FilesChange change({.digest = FileSetDigest()});
  DirectoryTables::for_each_file(peer, [&](std::string_view name, const auto& content) {
    files.emplace(name, content);
    change.joined(name, content);
    if (files.size() < kFilesAtOnce) return;
    put_files(transaction, id, files);
    files.clear();
  });
  put_files(transaction, id, files);
  change.keep(transaction, id);
}

void import_tables(Transaction& transaction, const DirectoryTables& tables) {
  std::uint64_t last_order = 1;
  for (const auto& [key, peer] : tables.all_peers()) {
    const std::int64_t id = import_peer(transaction, peer);
    last_order = std::max(last_order, peer.login_order);
    import_files(transaction, peer, id);
    for (const auto& [session, order] : tables.sessions_of(peer)) {
      transaction.exec_prepared("put_session", bytes_of(session.token), id, order,
                                microseconds(session.opened));
      last_order = std::max(last_order, order);
    }
  }
  transaction.exec_params("select setval('login_order', $1)", last_order);
}

}  // namespace

Result<DirectoryBackup> read_postgres_backup(PostgresPool& pool, const Clock& clock) {
  return pool.write<DirectoryBackup>([&](Transaction& transaction) -> Result<DirectoryBackup> {
    transaction.exec("set transaction isolation level repeatable read read only");
    DirectoryBackup backup{std::make_unique<DirectoryTables>(), read_accounts(transaction)};
    const Status peers = restore_peers(transaction, *backup.tables, clock);
    if (!peers.ok()) return peers.error();
    restore_sessions(transaction, *backup.tables);
    return backup;
  });
}

Status import_into_postgres(PostgresPool& pool, const DirectoryBackup& backup) {
  return pool.write<void>([&](Transaction& transaction) -> Status {
    // Nobody logs in between the look and the end.
    transaction.exec("lock table peers, accounts");
    const pqxx::row there =
        transaction.exec1("select (select count(*) from peers) + (select count(*) from accounts)");
    if (there[0].as<std::int64_t>() > 0) {
      return make_error(Code::kFailedPrecondition,
                        "The database holds a directory already; import into an empty one. "
                        "Nothing was changed.");
    }
    import_tables(transaction, *backup.tables);
    for (const auto& [name, account] : backup.accounts.value_or(Accounts()))
      transaction.exec_prepared("create_account", name, account.password_hash);
    return {};
  });
}

}  // namespace trueque
