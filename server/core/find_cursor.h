// The cursor of a listing of files as text: the file its page ended with, opaque to
// whoever carries it, checked when it comes back.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

std::string encode_find_cursor(const SharedFile& last);

// kInvalidArgument naming `cursor` for anything encode_find_cursor() did not make.
Result<SharedFile> decode_find_cursor(const std::string& text);

}  // namespace trueque
