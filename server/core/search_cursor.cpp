#include "server/core/search_cursor.h"

#include <optional>
#include <string_view>

#include "server/core/cursor_text.h"

namespace trueque {
namespace {

// The lines: rank, sources, and the file's.
std::optional<SearchPosition> parse_position(std::string_view rest) {
  const auto rank = parse_number(take_line(rest));
  const auto sources = parse_number(take_line(rest));
  if (!rank || *rank > 3 || !sources) return std::nullopt;
  std::optional<SharedFile> file = parse_file_lines(rest);
  if (!file) return std::nullopt;
  return SearchPosition{static_cast<int>(*rank), *sources, *std::move(file)};
}

}  // namespace

std::string encode_cursor(const SearchPosition& position) {
  return encode_cursor_text(std::to_string(position.rank) + "\n" +
                            std::to_string(position.sources) + "\n" + file_lines(position.file));
}

Result<SearchPosition> decode_cursor(const std::string& text) {
  const std::optional<std::string> plain = decode_cursor_text(text);
  if (plain) {
    if (std::optional<SearchPosition> position = parse_position(*plain)) return *position;
  }
  return bad_cursor();
}

}  // namespace trueque
