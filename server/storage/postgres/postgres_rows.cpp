#include "server/storage/postgres/postgres_rows.h"

#include <algorithm>

namespace trueque {

PeerKey peer_of(const pqxx::row& row, int at) {
  return {row[at].as<std::string>(), row[at + 1].as<std::string>(),
          row[at + 2].as<std::uint16_t>()};
}

SharedFile file_of(const pqxx::row& row, int at) {
  SharedFile file{row[at].as<std::string>(), std::nullopt};
  if (row[at + 1].is_null()) return file;
  Content content{row[at + 1].as<std::uint64_t>(), {}};
  const pqxx::binarystring id(row[at + 2]);
  std::copy_n(id.begin(), std::min(id.size(), content.id.bytes.size()), content.id.bytes.begin());
  file.content = content;
  return file;
}

}  // namespace trueque
