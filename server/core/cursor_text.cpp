#include "server/core/cursor_text.h"

#include <sodium.h>

#include <charconv>

#include "common/base/file_name.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kLongestCursor = 4096;

}  // namespace

std::string encode_cursor_text(std::string_view plain) {
  std::string text(sodium_base64_encoded_len(plain.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(plain.data()),
                    plain.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

std::optional<std::string> decode_cursor_text(const std::string& text) {
  if (text.size() > kLongestCursor) return std::nullopt;
  std::string plain(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()), plain.size(), text.data(),
                        text.size(), nullptr, &length, nullptr, kVariant) != 0) {
    return std::nullopt;
  }
  plain.resize(length);
  return plain;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string file_lines(const SharedFile& file) {
  std::string lines;
  if (file.content) lines += std::to_string(file.content->size);
  lines += "\n";
  if (file.content) lines += file.content->id.hex();
  return lines + "\n" + file.name;
}

std::optional<SharedFile> parse_file_lines(std::string_view lines) {
  const std::string_view size_text = take_line(lines);
  const std::string_view id_text = take_line(lines);
  if (!validate_file_name(lines)) return std::nullopt;
  SharedFile file{std::string(lines), std::nullopt};
  if (size_text.empty() && id_text.empty()) return file;
  const auto size = parse_number(size_text);
  const auto id = ContentId::from_hex(id_text);
  if (!size || *size > kMaxFileSize || !id) return std::nullopt;
  file.content = Content{*size, *id};
  return file;
}

Error bad_cursor() {
  return make_error(Code::kInvalidArgument,
                    "'cursor' is none that this directory gave; begin again without one.");
}

}  // namespace trueque
