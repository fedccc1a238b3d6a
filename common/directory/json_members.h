// Members of a request's JSON, read strictly: a failure is kInvalidArgument or
// kOutOfRange and names the member. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "common/directory/json_document.h"

namespace trueque {

// "'member' why."
Error bad_member(const std::string& member, const std::string& why,
                 Code code = Code::kInvalidArgument);

Status require_object(const Json& body);
// The member, or null when it is missing.
const Json* member(const Json& object, const char* name);
Result<std::string> text_member(const Json& object, const char* name);
// Nothing when it is missing.
Result<std::string> optional_text(const Json& object, const char* name);
// A list of texts that is not empty; an empty one when it is missing.
Result<std::vector<std::string>> optional_texts(const Json& object, const char* name);
// `label` is how the message calls the value, `name` inside a list for instance.
Result<std::uint64_t> whole_number(const Json& value, const std::string& label, std::uint64_t low,
                                   std::uint64_t high);
Result<std::optional<std::uint16_t>> optional_port(const Json& object);
Result<ContentId> content_id(const Json& value, const std::string& label);

}  // namespace trueque
