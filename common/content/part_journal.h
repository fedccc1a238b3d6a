// The journal beside a part file: what the part is to become, the hash each piece
// must have, and the pieces that were verified. It says where to look; what is
// true the hashes say, so damage to it costs a look and never a wrong byte.
//
//   magic "TqJ1"  content id (32)  u64 size  u32 piece count  piece hashes (32 each)
//   then one u32 for each verified piece, in the order they came
//
// Numbers are little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/content/content_id.h"

namespace trueque {

struct PartJournal {
  ContentId content;
  std::uint64_t size = 0;             // of the whole file, bytes
  std::vector<Sha256> hashes;         // of all pieces, in order
  std::vector<std::uint64_t> pieces;  // verified, each once, ascending
};

// The journal before its first piece.
std::string encode_journal_head(const ContentId& content, std::uint64_t size,
                                const std::vector<Sha256>& hashes);
std::string encode_journal_piece(std::uint64_t piece);
// Bytes of a journal of that many pieces once all are in it.
std::uint64_t journal_bytes(std::size_t pieces);

// Reads any bytes. Nothing unless the head is whole and its hashes belong to its
// content id; piece numbers that make no sense, or are cut off, are left out.
std::optional<PartJournal> decode_journal(std::string_view bytes);

}  // namespace trueque
