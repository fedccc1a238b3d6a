// Names of shared files: paths within the shared folder, '/' between components.
#pragma once

#include <string_view>

#include "common/base/result.h"

namespace trueque {

inline constexpr std::size_t kMaxFileNameBytes = 1024;
inline constexpr std::size_t kMaxComponentBytes = 255;

// Checks the rules every name on the wire obeys: at most 1,024 bytes of UTF-8,
// components of 1-255 bytes, none "." or "..", no leading '/', no backslash, no
// control character (C0, DEL, C1, bidirectional overrides and isolates).
// kInvalidArgument says which rule is broken.
Status validate_file_name(std::string_view name);

// The part after the last '/', the whole name when there is none.
std::string_view last_component(std::string_view name);

// True when any component begins with a dot.
bool is_hidden(std::string_view name);

}  // namespace trueque
