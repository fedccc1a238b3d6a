#include "common/directory/json_document.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace trueque {
namespace {

// Brackets outside strings; enough to bound the depth before anything is built.
int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// Calls see(begin, end) for each longest run of characters of numbers outside strings.
template <typename See>
void for_each_number_like(std::string_view text, See see) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    if (in_string || kNumberCharacters.find(text[i]) == std::string_view::npos) continue;
    const std::size_t end = std::min(text.find_first_not_of(kNumberCharacters, i), text.size());
    see(i, end);
    i = end - 1;
  }
}

// The same document with null for each number too large to represent: of the wrong
// type for whoever asks for it, and of no matter in a member nobody knows. Every
// byte keeps its place.
std::string without_overflow(std::string_view text) {
  std::string out(text);
  for_each_number_like(text, [&](std::size_t begin, std::size_t end) {
    const std::string number(text.substr(begin, end - begin));
    if (!is_json_number(number) || !std::isinf(std::strtod(number.c_str(), nullptr))) return;
    out.replace(begin, number.size(), "null" + std::string(number.size() - 4, ' '));
  });
  return out;
}

constexpr int kNumberOverflow = 406;  // nlohmann's id for it

Error not_json() {
  return make_error(Code::kInvalidArgument, "This is not JSON; send one JSON document in UTF-8.");
}

Result<Json> parse(std::string_view text, bool tolerates_overflow) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& failure) {
    return make_error(Code::kInvalidArgument, "This is not JSON (byte " +
                                                  std::to_string(failure.byte) +
                                                  "); send one JSON document in UTF-8.");
  } catch (const Json::exception& failure) {
    if (failure.id != kNumberOverflow || !tolerates_overflow) return not_json();
  }
  return parse(without_overflow(text), false);
}

// Whether it stands in JSON as it is.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

}  // namespace

bool is_json_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leads_with_zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (leads_with_zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

Result<Json> parse_json_document(std::string_view text) {
  if (depth_of(text) > kMaxJsonDepth) {
    return make_error(Code::kInvalidArgument, "The JSON nests deeper than " +
                                                  std::to_string(kMaxJsonDepth) +
                                                  " levels; send it flatter.");
  }
  // The parser would take a zero byte for the end of the text.
  if (text.find('\0') != std::string_view::npos)
    return make_error(Code::kInvalidArgument, "This is not JSON (it holds a zero byte).");
  return parse(text, true);
}

std::string dump_json(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_json_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out.append("\"").append(text).append("\"");
  } else {
    out.append(dump_json(Json(text)));
  }
}

}  // namespace trueque
