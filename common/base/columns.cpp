#include "common/base/columns.h"

#include <utf8proc.h>

#include <algorithm>

namespace trueque {
namespace {

constexpr std::string_view kEllipsis = "\u2026";  // one column
constexpr std::size_t kLittle = 12;               // columns

// The code point at the start of what is not empty: its bytes and its columns.
struct Step {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

Step step_at(std::string_view text) {
  utf8proc_int32_t character = 0;
  const auto read = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (read <= 0) return {};
  return {static_cast<std::size_t>(read),
          static_cast<std::size_t>(std::max(0, utf8proc_charwidth(character)))};
}

// With what has no width of its own behind it.
std::string_view head_of(std::string_view text, std::size_t limit) {
  std::size_t taken = 0;
  while (taken < text.size()) {
    const Step step = step_at(text.substr(taken));
    if (step.columns > limit) break;
    limit -= step.columns;
    taken += step.bytes;
  }
  return text.substr(0, taken);
}

// Begins with something that has a width.
std::string_view tail_of(std::string_view text, std::size_t limit) {
  std::size_t left = columns(text);
  while (!text.empty()) {
    const Step step = step_at(text);
    if (left <= limit && step.columns > 0) break;
    left -= step.columns;
    text.remove_prefix(step.bytes);
  }
  return text;
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) {
    const Step step = step_at(text);
    sum += step.columns;
    text.remove_prefix(step.bytes);
  }
  return sum;
}

std::string shortened(std::string_view text, std::size_t limit) {
  if (columns(text) <= limit) return std::string(text);
  if (limit == 0) return {};
  const std::size_t head = limit <= kLittle ? 0 : (limit - 1) / 2;
  std::string shown(head_of(text, head));
  shown += kEllipsis;
  return shown.append(tail_of(text, limit - 1 - head));
}

}  // namespace trueque
