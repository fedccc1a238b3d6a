#include "server/storage/postgres/postgres_file_rows.h"

#include "common/base/file_name.h"
#include "server/storage/postgres/postgres_array.h"
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

std::uint64_t change_file_count(pqxx::transaction_base& transaction, std::int64_t peer_id,
                                std::int64_t by) {
  return transaction.exec_prepared1("change_file_count", peer_id, by)[0].as<std::uint64_t>();
}

}  // namespace trueque
