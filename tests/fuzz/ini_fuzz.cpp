// parse_ini must take any bytes: sections and entries with rising line numbers, or an error.
#include <cstdint>
#include <cstdlib>

#include "common/base/ini_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = trueque::parse_ini({reinterpret_cast<const char*>(data), size});
  if (!file) {
    if (file.error().message.empty()) std::abort();
    return 0;
  }
  int line = 0;
  for (const trueque::IniEntry& entry : file->entries) {
    if (entry.line <= line) std::abort();
    line = entry.line;
  }
  line = 0;
  for (const trueque::IniSection& section : file->sections) {
    if (section.line <= line) std::abort();
    line = section.line;
  }
  return 0;
}
