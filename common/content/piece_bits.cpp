#include "common/content/piece_bits.h"

namespace trueque {
namespace {

unsigned bit_of(std::size_t piece) { return 0x80U >> (piece % 8); }

}  // namespace

std::string encode_piece_bits(const std::vector<bool>& held) {
  std::string bytes((held.size() + 7) / 8, '\0');
  for (std::size_t piece = 0; piece < held.size(); ++piece) {
    if (held[piece])
      bytes[piece / 8] =
          static_cast<char>(static_cast<unsigned char>(bytes[piece / 8]) | bit_of(piece));
  }
  return bytes;
}

std::optional<std::vector<bool>> decode_piece_bits(std::string_view bytes, std::size_t pieces) {
  if (bytes.size() != (pieces + 7) / 8) return std::nullopt;
  std::vector<bool> held(pieces);
  for (std::size_t piece = 0; piece < pieces; ++piece)
    held[piece] = (static_cast<unsigned char>(bytes[piece / 8]) & bit_of(piece)) != 0;
  return held;
}

}  // namespace trueque
