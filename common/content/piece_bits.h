// Which pieces of a content somebody holds, as bits on the wire: the most significant
// bit of the first byte is piece 0 (BEP 3), spare bits are 0.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trueque {

std::string encode_piece_bits(const std::vector<bool>& held);
// Nothing unless there are exactly the bytes that `pieces` take; spare bits are ignored.
std::optional<std::vector<bool>> decode_piece_bits(std::string_view bytes, std::size_t pieces);

}  // namespace trueque
