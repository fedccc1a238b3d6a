// parse_ini must take any bytes: entries with rising line numbers, or an error.
#include <cstdint>
#include <cstdlib>

#include "common/base/ini_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entries = trueque::parse_ini({reinterpret_cast<const char*>(data), size});
  if (!entries) {
    if (entries.error().message.empty()) std::abort();
    return 0;
  }
  int line = 0;
  for (const trueque::IniEntry& entry : *entries) {
    if (entry.line <= line) std::abort();
    line = entry.line;
  }
  return 0;
}
