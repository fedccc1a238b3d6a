#include "common/base/ini_file.h"

#include <ini.h>

#include <algorithm>
#include <cstring>

namespace trueque {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;

// inih calls the handler right after it has read a line, so the number of lines
// handed out so far is the number of the entry's own line.
struct Cursor {
  std::string_view rest;
  int line = 0;
  int overlong_line = 0;
  IniFile file;
};

// inih tells of a section with its entries only, so one without any is seen here.
void keep_section(std::string_view line, Cursor& cursor) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (cursor.line == 1 && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  }
  const std::size_t end = line.find(']');
  if (!line.starts_with('[') || end == std::string_view::npos) return;
  cursor.file.sections.push_back({std::string(line.substr(1, end - 1)), cursor.line});
}

char* read_line(char* buffer, int capacity, void* stream) {
  auto& cursor = *static_cast<Cursor*>(stream);
  if (cursor.rest.empty()) return nullptr;
  ++cursor.line;
  const std::size_t newline = cursor.rest.find('\n');
  std::string_view line = cursor.rest.substr(0, newline);
  cursor.rest.remove_prefix(newline == std::string_view::npos ? cursor.rest.size() : newline + 1);
  // Leading blanks would make inih take the line for the continuation of the one above.
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  const bool comment = line.starts_with(";") || line.starts_with("#");
  if (line.size() + 2 > static_cast<std::size_t>(capacity)) {
    if (!comment && cursor.overlong_line == 0) cursor.overlong_line = cursor.line;
    line = "";  // not {}: memcpy takes no null pointer, even for no bytes
  }
  keep_section(line, cursor);
  std::memcpy(buffer, line.data(), line.size());
  buffer[line.size()] = '\n';
  buffer[line.size() + 1] = '\0';
  return buffer;
}

int keep_entry(void* user, const char* section, const char* name, const char* value) {
  auto& cursor = *static_cast<Cursor*>(user);
  cursor.file.entries.push_back({section, name, value == nullptr ? "" : value, cursor.line});
  return 1;
}

Error line_error(int line, const std::string& what) {
  return make_error(Code::kInvalidArgument, "line " + std::to_string(line) + ": " + what);
}

}  // namespace

Result<IniFile> parse_ini(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<long>(text.find('\0')), '\n');
    return line_error(static_cast<int>(line), "a NUL byte; this is no text file");
  }
  Cursor cursor;
  cursor.rest = text;
  const int bad_line = ini_parse_stream(read_line, &cursor, keep_entry, &cursor);
  if (cursor.overlong_line != 0) return line_error(cursor.overlong_line, "the line is too long");
  if (bad_line > 0) return line_error(bad_line, "expected [section], key = value or a ; comment");
  if (bad_line < 0) return make_error(Code::kInternal, "out of memory");
  return std::move(cursor.file);
}

}  // namespace trueque
