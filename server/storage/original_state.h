// The original's state file: {"ana": ["10.0.0.1", [0, "a.txt"]]}, a name, its
// address, and its files after a number. Each further login of a name adds one
// more [address, [0]] to its list, or to the one added last.
#pragma once

#include <nlohmann/json.hpp>

#include "server/storage/json_reading.h"
#include "server/storage/state_document.h"

namespace trueque {

// What breaks today's rules for names and addresses is left out with a warning;
// what is not of this shape at all is noted in `shape`.
LoadedState read_original_state(const nlohmann::json& document, JsonShape& shape);

}  // namespace trueque
