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

// Takes them away, as far as they are there.
void drop(Transaction& transaction, std::int64_t peer, const std::vector<std::string>& names,
          FilesChange& change) {
  if (names.empty()) return;
  for (const pqxx::row& row : transaction.exec_prepared("drop_files", peer, array_of(names))) {
    const SharedFile file = file_of(row, 0);
    change.left(file.name, file.content);
  }
}

// Writes what of `wanted` is not in `before` as it is.
void put(Transaction& transaction, std::int64_t peer, const Contents& wanted,
         const Contents& before, FilesChange& change) {
  Contents changed;
  for (const auto& [name, content] : wanted) {
    const auto there = before.find(name);
    if (there != before.end() && there->second == content) continue;
    if (there != before.end()) change.left(name, there->second);
    change.joined(name, content);
    changed.emplace(name, content);
  }
  put_files(transaction, peer, changed);
}

template <typename Verb>
Result<std::uint64_t> with_peer(PostgresPool& pool, const PeerKey& peer, Verb verb) {
  using Answer = std::uint64_t;
  return pool.write<Answer>([&](Transaction& transaction) -> Result<Answer> {
    const auto found = transaction.exec_prepared("lock_peer", peer.username, peer.ip, peer.port);
    if (found.empty()) return no_such_peer();
    const auto id = found[0][0].as<std::int64_t>();
    FilesChange change(files_row_of(found[0], 1));
    verb(transaction, id, change);
    return change.keep(transaction, id);
  });
}

}  // namespace

Result<std::uint64_t> PostgresDirectoryRepository::add_files(const PeerKey& peer,
                                                             std::span<const SharedFile> files) {
  const Contents wanted = contents_of(files);
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id, auto& change) {
    const Contents before = contents_of(
        transaction.exec_prepared("files_of_peer_named", id, array_of(names_of(wanted))));
    put(transaction, id, wanted, before, change);
  });
}

Result<std::uint64_t> PostgresDirectoryRepository::replace_files(
    const PeerKey& peer, std::span<const SharedFile> files) {
  const Contents wanted = contents_of(files);
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id, auto& change) {
    const Contents before = contents_of(transaction.exec_prepared("files_of_peer", id));
    std::vector<std::string> unwanted = names_of(before);
    std::erase_if(unwanted, [&](const std::string& name) { return wanted.contains(name); });
    drop(transaction, id, unwanted, change);
    put(transaction, id, wanted, before, change);
  });
}

Result<std::uint64_t> PostgresDirectoryRepository::remove_files(
    const PeerKey& peer, std::span<const std::string> names) {
  const std::vector<std::string> unwanted(names.begin(), names.end());
  return with_peer(pool_, peer, [&](Transaction& transaction, std::int64_t id, auto& change) {
    drop(transaction, id, unwanted, change);
  });
}

}  // namespace trueque
