#include "server/core/find_cursor.h"

#include <optional>
#include <string_view>

#include "server/core/cursor_text.h"

namespace trueque {
namespace {

// The first line, which the cursor of a search never has.
constexpr std::string_view kMark = "find";

}  // namespace

std::string encode_find_cursor(const SharedFile& last) {
  return encode_cursor_text(std::string(kMark) + "\n" + file_lines(last));
}

Result<SharedFile> decode_find_cursor(const std::string& text) {
  const std::optional<std::string> plain = decode_cursor_text(text);
  if (!plain) return bad_cursor();
  std::string_view rest = *plain;
  if (take_line(rest) != kMark) return bad_cursor();
  std::optional<SharedFile> file = parse_file_lines(rest);
  if (!file) return bad_cursor();
  return *std::move(file);
}

}  // namespace trueque
