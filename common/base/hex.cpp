#include "common/base/hex.h"

#include <array>

namespace trueque {
namespace {

// By character; a state file of a million entries has 64 million digits.
constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i)
    values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    const auto value = static_cast<std::int8_t>(10 + i);
    values[static_cast<std::size_t>('a' + i)] = value;
    values[static_cast<std::size_t>('A' + i)] = value;
  }
  return values;
}

constexpr std::array<std::int8_t, 256> kValues = make_values();

int digit_value(char c) { return kValues[static_cast<std::uint8_t>(c)]; }

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    text[at++] = kDigits[byte >> 4U];
    text[at++] = kDigits[byte & 0xFU];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  if (!read_hex(text, bytes)) return std::nullopt;
  return bytes;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  int wrong = 0;  // negative once a digit was none
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    wrong |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return wrong >= 0;
}

}  // namespace trueque
