#include "server/core/search_cursor.h"

#include <sodium.h>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "common/base/file_name.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

// The fields, one a line: rank, sources, size, content id, name. A name holds no
// newline, and a placeholder leaves size and content id empty.
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kLongestCursor = 4096;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

std::optional<std::string> decode_text(const std::string& text) {
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

std::optional<SearchPosition> parse_position(std::string_view rest) {
  const auto rank = parse_number(take_line(rest));
  const auto sources = parse_number(take_line(rest));
  const std::string_view size_text = take_line(rest);
  const std::string_view id_text = take_line(rest);
  if (!rank || *rank > 3 || !sources || !validate_file_name(rest)) return std::nullopt;
  SearchPosition position{static_cast<int>(*rank), *sources, {std::string(rest), std::nullopt}};
  if (size_text.empty() && id_text.empty()) return position;
  const auto size = parse_number(size_text);
  const auto id = ContentId::from_hex(id_text);
  if (!size || *size > kMaxFileSize || !id) return std::nullopt;
  position.file.content = Content{*size, *id};
  return position;
}

}  // namespace

std::string encode_cursor(const SearchPosition& position) {
  std::string plain =
      std::to_string(position.rank) + "\n" + std::to_string(position.sources) + "\n";
  if (position.file.content) plain += std::to_string(position.file.content->size);
  plain += "\n";
  if (position.file.content) plain += position.file.content->id.hex();
  plain += "\n" + position.file.name;
  std::string text(sodium_base64_encoded_len(plain.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(plain.data()),
                    plain.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

Result<SearchPosition> decode_cursor(const std::string& text) {
  const std::optional<std::string> plain = decode_text(text);
  if (plain) {
    if (std::optional<SearchPosition> position = parse_position(*plain)) return *position;
  }
  return make_error(Code::kInvalidArgument,
                    "'cursor' is none that this directory gave; begin again without one.");
}

}  // namespace trueque
