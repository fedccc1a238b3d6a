#include "common/base/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

namespace trueque {
namespace {

constexpr utf8proc_int32_t kInvalid = -1;

// The first code point of `text` and its length in bytes; kInvalid with length 1
// for a stray byte.
utf8proc_int32_t next_code_point(std::string_view text, std::size_t& length) {
  utf8proc_int32_t code_point = kInvalid;
  const utf8proc_ssize_t used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (used <= 0) {
    length = 1;
    return kInvalid;
  }
  length = static_cast<std::size_t>(used);
  return code_point;
}

bool is_control(utf8proc_int32_t c) {
  return c == kInvalid || c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Without a branch, so that many bytes are looked at together.
bool is_printable_ascii(std::string_view text) {
  bool all = true;
  for (const char c : text) all &= c >= 0x20 && c < 0x7F;
  return all;
}

constexpr int kFolding = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;

// The code points of text that is UTF-8; none for other text.
std::vector<utf8proc_int32_t> decomposed(std::string_view text, int options) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const auto how = static_cast<utf8proc_option_t>(options);
  // Hardly any character becomes more than a few.
  std::vector<utf8proc_int32_t> points(text.size() + 8);
  utf8proc_ssize_t length = 0;
  while (true) {
    const auto room = static_cast<utf8proc_ssize_t>(points.size());
    length = utf8proc_decompose(bytes, size, points.data(), room, how);
    if (length <= room) break;
    points.resize(static_cast<std::size_t>(length));
  }
  points.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return points;
}

std::string encoded(std::vector<utf8proc_int32_t> points, int options) {
  const auto length = static_cast<utf8proc_ssize_t>(points.size());
  points.push_back(0);  // it ends the bytes with a 0, which may need room
  const utf8proc_ssize_t size =
      utf8proc_reencode(points.data(), length, static_cast<utf8proc_option_t>(options));
  return {reinterpret_cast<const char*>(points.data()),
          static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 0))};
}

bool is_accent(utf8proc_int32_t c) {
  constexpr utf8proc_propval_t kOverlay = 1;
  constexpr utf8proc_propval_t kFirstOfAccents = 200;
  const utf8proc_propval_t mark = utf8proc_get_property(c)->combining_class;
  return mark == kOverlay || mark >= kFirstOfAccents;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_percent(std::string& out, char c) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kDigits[byte >> 4U]);
  out.push_back(kDigits[byte & 0xFU]);
}

// Unicode's White_Space.
bool is_white_space(utf8proc_int32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85) return true;
  if (c < 0x80) return false;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_single_spaced_ascii(std::string_view text) {
  char before = ' ';
  for (const char c : text) {
    if (!is_ascii(c) || c < ' ' || (c == ' ' && before == ' ')) return false;
    before = c;
  }
  return text.empty() || before != ' ';
}

bool is_word_character(utf8proc_int32_t c) {
  if (c == kInvalid) return false;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

// Levenshtein distance, two rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  if (is_printable_ascii(text)) return true;
  while (!text.empty()) {
    std::size_t length = 0;
    if (next_code_point(text, length) == kInvalid) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_control_character(std::string_view text) {
  if (is_printable_ascii(text)) return false;
  while (!text.empty()) {
    std::size_t length = 0;
    if (is_control(next_code_point(text, length))) return true;
    text.remove_prefix(length);
  }
  return false;
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 0;
    if (is_control(next_code_point(text, length))) {
      safe += "\xEF\xBF\xBD";
    } else {
      safe += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return safe;
}

std::string_view first_bytes(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

std::string search_fold(std::string_view text) {
  // Most names are ASCII, where folding is lower case and the tables can stay shut.
  if (std::all_of(text.begin(), text.end(), is_ascii)) {
    std::string folded(text);
    std::transform(folded.begin(), folded.end(), folded.begin(), ascii_lower);
    return folded;
  }
  std::vector<utf8proc_int32_t> points = decomposed(text, kFolding);
  if (points.empty()) return std::string(text);
  std::erase_if(points, is_accent);
  // Folding may leave characters that decompose further, and then the order of marks is another.
  std::string folded = encoded(points, UTF8PROC_STABLE);
  points = decomposed(folded, kFolding);
  std::erase_if(points, is_accent);
  return encoded(points, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string single_spaced(std::string_view text) {
  if (is_single_spaced_ascii(text)) return std::string(text);
  std::string spaced;
  spaced.reserve(text.size());
  bool is_apart = false;
  while (!text.empty()) {
    std::size_t length = 0;
    if (is_white_space(next_code_point(text, length))) {
      is_apart = !spaced.empty();
    } else {
      if (is_apart) spaced.push_back(' ');
      is_apart = false;
      spaced += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return spaced;
}

bool starts_word(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  std::size_t start = at - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
  std::size_t length = 0;
  const utf8proc_int32_t before = next_code_point(text.substr(start, at - start), length);
  return !is_word_character(before);
}

std::string percent_encode_path(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) || c == '/') {
      encoded.push_back(c);
    } else {
      append_percent(encoded, c);
    }
  }
  return encoded;
}

std::string percent_encode_segment(std::string_view text) {
  const bool is_step = text == "." || text == "..";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) && !is_step) {
      encoded.push_back(c);
    } else {
      append_percent(encoded, c);
    }
  }
  return encoded;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t limit = std::max<std::size_t>(2, std::max(word.size(), candidate.size()) / 3);
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= limit && (!best || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace trueque
