// What the cursors of all paged requests have in common: fields, one a line, in
// base64 that needs no encoding in a URL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/directory/directory_types.h"

namespace trueque {

std::string encode_cursor_text(std::string_view plain);
// Nothing for what encode_cursor_text() did not make, or is longer than any cursor.
std::optional<std::string> decode_cursor_text(const std::string& text);

// The line up to the next newline, or all; takes both off `rest`.
std::string_view take_line(std::string_view& rest);
std::optional<std::uint64_t> parse_number(std::string_view text);

// A file as size, content id and name, the last without a newline behind it. A name
// holds none, and a placeholder leaves the others empty.
std::string file_lines(const SharedFile& file);
std::optional<SharedFile> parse_file_lines(std::string_view lines);

// kInvalidArgument naming `cursor`.
Error bad_cursor();

}  // namespace trueque
