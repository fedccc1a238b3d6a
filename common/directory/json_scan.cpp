#include "common/directory/json_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::uint32_t kFirstHigh = 0xD800, kFirstLow = 0xDC00, kEndLow = 0xE000;

// Those that stand in a string as they are and need no second look: ASCII but for the
// quote, the backslash and what is below the space.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | point >> 6U);
  } else {
    if (point < 0x10000) {
      put(0xE0U | point >> 12U);
    } else {
      put(0xF0U | point >> 18U);
      put(0x80U | (point >> 12U & 0x3FU));
    }
    put(0x80U | (point >> 6U & 0x3FU));
  }
  put(0x80U | (point & 0x3FU));
}

bool is_too_large(std::string_view number) {
  return std::isinf(std::strtod(std::string(number).c_str(), nullptr));
}

}  // namespace

char JsonTokens::peek() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

std::optional<std::string_view> JsonTokens::string() {
  if (!take('"')) return std::nullopt;
  const std::size_t begin = at_;
  bool is_all_ascii = true;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (is_plain(c)) continue;
    if (is_ascii(c)) break;
    is_all_ascii = false;
  }
  if (at_ == text_.size()) return std::nullopt;
  if (text_[at_] == '\\') return with_escapes(begin);
  const std::string_view text = text_.substr(begin, at_ - begin);
  if (text_[at_++] != '"' || (!is_all_ascii && !is_valid_utf8(text))) return std::nullopt;
  return text;
}

// The string that began at `begin` and goes on with an escape.
std::optional<std::string_view> JsonTokens::with_escapes(std::size_t begin) {
  room_ = text_.substr(begin, at_ - begin);
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') {
      if (!is_valid_utf8(room_)) return std::nullopt;
      return room_;
    }
    if (c == '\\') {
      if (!append_escape()) return std::nullopt;
    } else if (is_plain(c) || !is_ascii(c)) {
      room_.push_back(c);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// Behind the backslash.
bool JsonTokens::append_escape() {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at_ == text_.size()) return false;
  const char c = text_[at_++];
  if (c == 'u') return append_code_point();
  const std::size_t which = kNames.find(c);
  if (which == std::string_view::npos) return false;
  room_.push_back(kMeanings[which]);
  return true;
}

std::optional<std::uint32_t> JsonTokens::four_hex_digits() {
  std::uint32_t number = 0;
  const std::string_view digits = text_.substr(at_, 4);
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (digits.size() < 4 || failure != std::errc() || end != digits.data() + 4) return std::nullopt;
  at_ += 4;
  return number;
}

// What is beyond 16 bits is written as two halves, neither of which may stand alone.
bool JsonTokens::append_code_point() {
  const auto first = four_hex_digits();
  if (!first) return false;
  std::uint32_t point = *first;
  if (point >= kFirstLow && point < kEndLow) return false;
  if (point >= kFirstHigh && point < kFirstLow) {
    if (text_.substr(at_, 2) != "\\u") return false;
    at_ += 2;
    const auto second = four_hex_digits();
    if (!second || *second < kFirstLow || *second >= kEndLow) return false;
    point = 0x10000 + ((point - kFirstHigh) << 10U) + (*second - kFirstLow);
  }
  append_utf8(room_, point);
  return true;
}

bool JsonTokens::plain(std::optional<std::uint64_t>& number) {
  static constexpr std::string_view kWords[] = {"null", "true", "false"};
  peek();
  for (const std::string_view word : kWords) {
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    return true;
  }
  const std::size_t end = std::min(text_.find_first_not_of(kNumberCharacters, at_), text_.size());
  const std::string_view text = text_.substr(at_, end - at_);
  at_ = end;
  if (!is_json_number(text)) return false;
  if (text.find_first_not_of(kDigits) != std::string_view::npos) return !is_too_large(text);
  return std::from_chars(text.data(), text.data() + text.size(), number.emplace()).ec ==
         std::errc();
}

}  // namespace trueque
