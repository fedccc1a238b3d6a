#include "common/base/file_name.h"

#include "common/base/text.h"

namespace trueque {
namespace {

Status bad(std::string why) { return make_error(Code::kInvalidArgument, std::move(why)); }

Status validate_component(std::string_view component) {
  if (component.empty()) return bad("has an empty component");
  if (component.size() > kMaxComponentBytes) return bad("has a component over 255 bytes");
  if (component == "." || component == "..") return bad("has a component '.' or '..'");
  return {};
}

}  // namespace

Status validate_file_name(std::string_view name) {
  if (name.empty()) return bad("is empty");
  if (name.size() > kMaxFileNameBytes) return bad("is over 1,024 bytes");
  if (name.front() == '/') return bad("begins with '/'");
  if (name.find('\\') != std::string_view::npos) return bad("has a backslash");
  if (!is_valid_utf8(name)) return bad("is not UTF-8");
  if (has_control_character(name)) return bad("has a control character");
  std::size_t start = 0;
  while (true) {
    const std::size_t end = name.find('/', start);
    const std::string_view component = name.substr(start, end - start);
    if (Status status = validate_component(component); !status) return status;
    if (end == std::string_view::npos) return {};
    start = end + 1;
  }
}

std::string_view last_component(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

bool is_hidden(std::string_view name) {
  return name.starts_with('.') || name.find("/.") != std::string_view::npos;
}

}  // namespace trueque
