// An .ini file as lists of sections and entries with their line numbers, read with
// inih. Nothing is interpreted here: duplicates and unknown names are the caller's.
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

struct IniSection {
  std::string name;
  int line = 0;  // from 1
};

struct IniFile {
  std::vector<IniSection> sections;  // as they open, those without entries too
  std::vector<IniEntry> entries;
};

// kInvalidArgument with the line when a line is neither section, entry, comment
// nor blank.
Result<IniFile> parse_ini(std::string_view text);

}  // namespace trueque
