#include "common/directory/json_document.h"

#include <algorithm>

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

constexpr int kNumberOverflow = 406;  // nlohmann's id for it

}  // namespace

Result<Json> parse_json_document(std::string_view text) {
  if (depth_of(text) > kMaxJsonDepth) {
    return make_error(Code::kInvalidArgument, "The JSON nests deeper than " +
                                                  std::to_string(kMaxJsonDepth) +
                                                  " levels; send it flatter.");
  }
  // The parser would take a zero byte for the end of the text.
  if (text.find('\0') != std::string_view::npos)
    return make_error(Code::kInvalidArgument, "This is not JSON (it holds a zero byte).");
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& failure) {
    return make_error(Code::kInvalidArgument, "This is not JSON (byte " +
                                                  std::to_string(failure.byte) +
                                                  "); send one JSON document in UTF-8.");
  } catch (const Json::exception& failure) {
    if (failure.id == kNumberOverflow)
      return make_error(Code::kOutOfRange, "The JSON holds a number that is out of range.");
    return make_error(Code::kInvalidArgument, "This is not JSON; send one JSON document in UTF-8.");
  }
}

std::string dump_json(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace trueque
