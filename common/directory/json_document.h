// JSON as it comes off a wire: parsed once, strictly, with bounded depth.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace trueque {

using Json = nlohmann::json;

// Arrays and objects within one another, the document itself counted.
inline constexpr int kMaxJsonDepth = 64;

// What a number may be made of, and whether it is one.
inline constexpr std::string_view kNumberCharacters = "0123456789+-.eE";
bool is_json_number(std::string_view text);

// kInvalidArgument for text that is no JSON (UTF-8 included) or nests too deep. A
// number too large to represent reads as null.
Result<Json> parse_json_document(std::string_view text);

// One line; text that is not UTF-8 is replaced by U+FFFD rather than refused.
std::string dump_json(const Json& document);

// Appends the text as dump_json() would write it, quotes and all.
void append_json_text(std::string& out, std::string_view text);

}  // namespace trueque
