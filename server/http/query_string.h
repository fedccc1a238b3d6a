// The part of a target after '?'.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trueque {

// The value of the first parameter of that name, percent-decoded, '+' being a
// blank; a '%' without two hex digits stays as it is. Nothing when there is none.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

}  // namespace trueque
