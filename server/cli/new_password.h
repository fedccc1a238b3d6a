// Where `main-server add-user` gets a password from.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace trueque {

// From the file when one is named (one trailing newline is not part of it), else
// from TRUEQUE_PASSWORD, else asked for twice on the terminal without an echo.
// kInvalidArgument when there is none of them.
Result<std::string> new_password(const std::optional<std::string>& file);

}  // namespace trueque
