#include "common/content/part_journal.h"

#include <cstring>

#include "common/content/merkle_tree.h"

namespace trueque {
namespace {

constexpr std::string_view kMagic = "TqJ1";
constexpr std::size_t kHeadBytes = 4 + sizeof(Sha256) + 8 + 4;
constexpr std::size_t kPieceBytes = 4;

void put(std::string& bytes, std::uint64_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t take(std::string_view& bytes, std::size_t width) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i)
    number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  bytes.remove_prefix(width);
  return number;
}

Sha256 take_hash(std::string_view& bytes) {
  Sha256 hash;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  bytes.remove_prefix(hash.size());
  return hash;
}

}  // namespace

std::string encode_journal_head(const ContentId& content, std::uint64_t size,
                                const std::vector<Sha256>& hashes) {
  std::string bytes(kMagic);
  bytes.append(content.bytes.begin(), content.bytes.end());
  put(bytes, size, 8);
  put(bytes, hashes.size(), 4);
  for (const Sha256& hash : hashes) bytes.append(hash.begin(), hash.end());
  return bytes;
}

std::uint64_t journal_bytes(std::size_t pieces) {
  return kHeadBytes + pieces * (sizeof(Sha256) + kPieceBytes);
}

std::string encode_journal_piece(std::uint64_t piece) {
  std::string bytes;
  put(bytes, piece, kPieceBytes);
  return bytes;
}

std::optional<PartJournal> decode_journal(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  PartJournal journal;
  journal.content = {take_hash(bytes)};
  journal.size = take(bytes, 8);
  const std::uint64_t count = take(bytes, 4);
  if (journal.size > kMaxFileSize || bytes.size() / sizeof(Sha256) < count) return std::nullopt;
  const PieceLayout layout(journal.size);
  if (layout.piece_count() != count) return std::nullopt;
  for (std::uint64_t i = 0; i < count; ++i) journal.hashes.push_back(take_hash(bytes));
  if (root_of_pieces(layout, journal.hashes) != journal.content) return std::nullopt;
  std::vector<bool> verified(count);
  while (bytes.size() >= kPieceBytes) {
    if (const std::uint64_t piece = take(bytes, kPieceBytes); piece < count) verified[piece] = true;
  }
  for (std::uint64_t piece = 0; piece < count; ++piece) {
    if (verified[piece]) journal.pieces.push_back(piece);
  }
  return journal;
}

}  // namespace trueque
