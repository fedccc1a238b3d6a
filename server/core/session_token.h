// Tokens of sessions: 256 random bits, as text. Only the hash is ever kept.
#pragma once

#include <string>
#include <string_view>

#include "server/core/directory_repository.h"

namespace trueque {

// 64 hex digits from the system's source of randomness.
std::string random_token();

TokenHash hash_token(std::string_view token);

}  // namespace trueque
