// An .ini file as a list of entries with their line numbers, read with inih.
// Nothing is interpreted here: duplicates and unknown keys are the caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace trueque {

struct IniEntry {
  std::string section;
  std::string key;
  std::string value;  // blanks at both ends and comments after " ;" removed
  int line = 0;       // from 1
};

// kInvalidArgument with the line when a line is neither section, entry, comment
// nor blank.
Result<std::vector<IniEntry>> parse_ini(std::string_view text);

}  // namespace trueque
