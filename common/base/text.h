// Text that comes from elsewhere, made safe or comparable.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trueque {

bool is_valid_utf8(std::string_view text);

// C0, DEL, C1, and the bidirectional overrides and isolates of Unicode
// (U+202A-202E, U+2066-2069). Bytes that are no UTF-8 count as control characters.
bool has_control_character(std::string_view text);

// The same text with each control character and each stray byte replaced by
// U+FFFD: safe to print on a terminal and to write as one line of a log.
std::string printable(std::string_view text);

// At most the first `limit` bytes, cut between two code points.
std::string_view first_bytes(std::string_view text, std::size_t limit);

// The form names are compared in when searching: case and accents make no difference
// ("resume" and "Résumé"), nor does how a character is put together. That is Unicode's
// full case folding of the canonical decomposition, without the marks that stand above,
// below or through a letter (combining classes 200 and up, and 1), composed again. Marks that
// make another letter of it stay: vowel signs, nuktas, viramas, the voiced kana's.
// Text that is not UTF-8 comes back unchanged. What is folded once stays the same.
std::string search_fold(std::string_view text);

// The words of the text, which are apart by Unicode white space, with one blank
// between two of them.
std::string single_spaced(std::string_view text);

// True when a word begins at byte `at`: at the very start, or after a code point
// that is neither a letter, a mark nor a digit.
bool starts_word(std::string_view text, std::size_t at);

// RFC 3986 percent-encoding of all but unreserved characters; '/' is kept.
std::string percent_encode_path(std::string_view text);
// The same for text that is to be one segment of a path: no '/' is kept, and "."
// and ".." are encoded, which would be taken for steps otherwise.
std::string percent_encode_segment(std::string_view text);

// The candidate with the smallest edit distance to `word`, when it is near
// enough to be what was meant (a third of the longer one's length, at least 2).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace trueque
