// The verbs of PostgresDirectoryRepository that change a peer's files. A verb holds the
// lock on the peer's row, looks at what the peer has of the names in question and writes
// what differs, so that a peer that announces everything again costs no writing.
#include <algorithm>

#include "server/storage/postgres/postgres_array.h"
#include "server/storage/postgres/postgres_directory_repository.h"
#include "server/storage/postgres/postgres_file_rows.h"
#include "server/storage/postgres/postgres_rows.h"

namespace trueque {
namespace {

using Transaction = pqxx::transaction_base;
using Contents = FileContents;

std::string array_of(std::span<const std::string> names) {
  PostgresArray array;
  for (const std::string& name : names) array.add(name);
  return array.take();
}

Contents contents_of(const pqxx::result& rows) {
  Contents contents;
  for (const pqxx::row& row : rows) {
    SharedFile file = file_of(row, 0);
    contents.emplace(std::move(file.name), file.content);
  }
  return contents;
}

// By name; the last of a name that comes twice.
Contents contents_of(std::span<const SharedFile> files) {
  Contents contents;
  for (const SharedFile& file : files) contents.insert_or_assign(file.name, file.content);
  return contents;
}

std::vector<std::string> names_of(const Contents& contents) {
  std::vector<std::string> names;
  names.reserve(contents.size());
  for (const auto& [name, content] : contents) names.push_back(name);
  return names;
}

void drop(Transaction& transaction, std::int64_t peer, const std::vector<std::string>& names) {
  if (!names.empty()) transaction.exec_prepared("drop_files", peer, array_of(names));
}

// What of `wanted` is not in `before` as it is; `added` are the names that are not at all.
Contents changed(const Contents& wanted, const Contents& before, std::int64_t& added) {
  Contents changes;
  for (const auto& [name, content] : wanted) {
    const auto there = before.find(name);
    if (there == before.end()) ++added;
    if (there == before.end() || there->second != content) changes.emplace(name, content);
  }
  return changes;
}

template <typename Verb>
Result<std::uint64_t> with_peer(PostgresPool& pool, const PeerKey& peer, Verb verb) {
  using Answer = std::uint64_t;
  return pool.write<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("lock_peer", peer.username, peer.ip, peer.port);
    if (found.empty()) return no_such_peer();
    const auto id = found[0][0].as<std::int64_t>();
    return change_file_count(transaction, id, verb(transaction, id));
  });
}

}  // namespace

Result<std::uint64_t> PostgresDirectoryRepository::add_files(const PeerKey& peer,
                                                             std::span<const SharedFile> files) {
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id) {
    const Contents wanted = contents_of(files);
    const Contents before = contents_of(
        transaction.exec_prepared("files_of_peer_named", id, array_of(names_of(wanted))));
    std::int64_t added = 0;
    put_files(transaction, id, changed(wanted, before, added));
    return added;
  });
}

Result<std::uint64_t> PostgresDirectoryRepository::replace_files(
    const PeerKey& peer, std::span<const SharedFile> files) {
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id) {
    const Contents wanted = contents_of(files);
    const Contents before = contents_of(transaction.exec_prepared("files_of_peer", id));
    std::vector<std::string> unwanted = names_of(before);
    std::erase_if(unwanted, [&](const std::string& name) { return wanted.contains(name); });
    drop(transaction, id, unwanted);
    std::int64_t added = 0;
    put_files(transaction, id, changed(wanted, before, added));
    return added - static_cast<std::int64_t>(unwanted.size());
  });
}

Result<std::uint64_t> PostgresDirectoryRepository::remove_files(
    const PeerKey& peer, std::span<const std::string> names) {
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id) {
    const auto dropped = transaction.exec_prepared("drop_files", id, array_of(names));
    return -static_cast<std::int64_t>(dropped.affected_rows());
  });
}

}  // namespace trueque
