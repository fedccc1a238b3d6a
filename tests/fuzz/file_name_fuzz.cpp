// A name that passes validate_file_name keeps every promise of its header, and
// printable() leaves nothing a terminal would obey.
#include <cstdint>
#include <string_view>

#include "common/base/file_name.h"
#include "common/base/text.h"
#include "tests/fuzz/require.h"

using trueque::testing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(!trueque::has_control_character(trueque::printable(text)));
  if (!trueque::validate_file_name(text)) return 0;
  require(!text.empty() && text.size() <= trueque::kMaxFileNameBytes);
  require(text.front() != '/' && text.back() != '/');
  require(text.find("//") == std::string_view::npos && text.find('\\') == std::string_view::npos);
  require(text != ".." && !text.starts_with("../") && !text.ends_with("/..") &&
          text.find("/../") == std::string_view::npos);
  require(trueque::printable(text) == text);
  return 0;
}
