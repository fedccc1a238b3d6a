#include "server/storage/postgres/postgres_rows.h"

#include <algorithm>

namespace trueque {

Sha256 hash_of(const pqxx::field& bytes) {
  Sha256 hash{};
  const pqxx::binarystring there(bytes);
  std::copy_n(there.begin(), std::min(there.size(), hash.size()), hash.begin());
  return hash;
}

PeerKey peer_of(const pqxx::row& row, int at) {
  return {row[at].as<std::string>(), row[at + 1].as<std::string>(),
          row[at + 2].as<std::uint16_t>()};
}

SharedFile file_of(const pqxx::row& row, int at) {
  SharedFile file{row[at].as<std::string>(), std::nullopt};
  if (row[at + 1].is_null()) return file;
  file.content = Content{row[at + 1].as<std::uint64_t>(), {hash_of(row[at + 2])}};
  return file;
}

}  // namespace trueque
