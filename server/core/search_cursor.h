// The cursor of a search as text: where a page ended, opaque to whoever carries
// it, checked when it comes back.
#pragma once

#include <string>

#include "common/base/result.h"
#include "server/core/directory_repository.h"

namespace trueque {

std::string encode_cursor(const SearchPosition& position);

// kInvalidArgument naming `cursor` for anything encode_cursor() did not make.
Result<SearchPosition> decode_cursor(const std::string& text);

}  // namespace trueque
