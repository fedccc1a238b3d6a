#include "server/storage/postgres/postgres_file_rows.h"

#include "common/base/file_name.h"
#include "server/storage/postgres/postgres_array.h"
#include "server/storage/postgres/postgres_rows.h"
#include "server/storage/postgres/postgres_search_form.h"

namespace trueque {

void put_files(pqxx::transaction_base& transaction, std::int64_t peer_id,
               const FileContents& files) {
  if (files.empty()) return;
  PostgresArray names, components, folded, marked, sizes, ids;
  for (const auto& [name, content] : files) {
    const SearchForm form = search_form(name);
    names.add(name);
    components.add(last_component(name));
    folded.add(form.folded);
    marked.add(form.marked);
    if (content) {
      sizes.add(static_cast<std::int64_t>(content->size));
      ids.add_bytes(content->id.bytes);
    } else {
      sizes.add_null();
      ids.add_null();
    }
  }
  transaction.exec_prepared("put_files", peer_id, names.take(), components.take(), folded.take(),
                            marked.take(), sizes.take(), ids.take());
}

PeerFilesRow files_row_of(const pqxx::row& row, int at) {
  PeerFilesRow files{row[at].as<std::uint64_t>(), row[at + 1].as<std::uint64_t>(), std::nullopt};
  if (!row[at + 2].is_null()) {
    const pqxx::binarystring digest(row[at + 2]);
    files.digest = FileSetDigest::from_bytes(digest.str());
  }
  return files;
}

FilesSummary summary_of(pqxx::transaction_base& transaction, std::int64_t peer_id,
                        const PeerFilesRow& row) {
  if (row.digest) return {row.files, row.revision, *row.digest};
  FileSetDigest digest;
  for (const pqxx::row& each : transaction.exec_prepared("files_of_peer", peer_id)) {
    const SharedFile file = file_of(each, 0);
    digest.toggle(file.name, file.content);
  }
  transaction.exec_prepared("know_digest", peer_id, bytes_of(digest));
  return {row.files, row.revision, digest};
}

void FilesChange::joined(std::string_view name, const std::optional<Content>& content) {
  ++row_.files;
  toggle(name, content);
}

void FilesChange::left(std::string_view name, const std::optional<Content>& content) {
  --row_.files;
  toggle(name, content);
}

void FilesChange::toggle(std::string_view name, const std::optional<Content>& content) {
  if (row_.digest) row_.digest->toggle(name, content);
  is_empty_ = false;
}

std::uint64_t FilesChange::keep(pqxx::transaction_base& transaction, std::int64_t peer_id) const {
  if (is_empty_) return row_.files;
  const NullableText digest(row_.digest ? std::optional("\\x" + row_.digest->hex()) : std::nullopt);
  transaction.exec_prepared("note_files", peer_id, row_.files, digest.get());
  return row_.files;
}

}  // namespace trueque
