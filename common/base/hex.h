// Lower-case hexadecimal of bytes, and back (either case is read).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trueque {

std::string to_hex(std::span<const std::uint8_t> bytes);

// Nothing when the text has an odd length or a character that is no hex digit.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);
// Fills `bytes`; false, and anything in them, unless the text has two hex digits for each.
bool read_hex(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace trueque
