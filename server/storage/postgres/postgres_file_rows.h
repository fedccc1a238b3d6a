// A peer's files as rows of the database.
#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/directory/directory_types.h"

namespace trueque {

// What a peer's row says of its files; the digest only once it is known.
struct PeerFilesRow {
  std::uint64_t files = 0;
  std::uint64_t revision = 0;
  std::optional<FileSetDigest> digest;
};
// Of columns `at` (file_count), `at` + 1 (files_revision) and `at` + 2 (files_digest).
PeerFilesRow files_row_of(const pqxx::row& row, int at);

// The whole of it: where the digest is not known, all files are looked at, once.
// `transaction` has locked the peer's row.
FilesSummary summary_of(pqxx::transaction_base& transaction, std::int64_t peer_id,
                        const PeerFilesRow& row);

using FileContents = std::unordered_map<std::string, std::optional<Content>>;  // by name

// Each with the content given, whether or not the peer had the name before.
void put_files(pqxx::transaction_base& transaction, std::int64_t peer_id,
               const FileContents& files);

// Files of a peer that come and go, and its row afterwards.
class FilesChange {
 public:
  explicit FilesChange(const PeerFilesRow& before) : row_(before) {}

  void joined(std::string_view name, const std::optional<Content>& content);
  void left(std::string_view name, const std::optional<Content>& content);
  // Writes the row where anything changed; gives the number of files then.
  std::uint64_t keep(pqxx::transaction_base& transaction, std::int64_t peer_id) const;

 private:
  void toggle(std::string_view name, const std::optional<Content>& content);

  PeerFilesRow row_;
  bool is_empty_ = true;
};

}  // namespace trueque
