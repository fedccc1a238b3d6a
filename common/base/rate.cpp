#include "common/base/rate.h"

#include <charconv>

namespace trueque {
namespace {

// Of a unit's letter; 0 for any other.
unsigned shift_of(char unit) {
  switch (unit) {
    case 'k':
    case 'K':
      return 10;
    case 'm':
    case 'M':
      return 20;
    case 'g':
    case 'G':
      return 30;
    default:
      return 0;
  }
}

}  // namespace

Result<std::uint64_t> parse_rate(std::string_view text) {
  const unsigned shift = text.empty() ? 0 : shift_of(text.back());
  const std::string_view digits = text.substr(0, text.size() - (shift > 0 ? 1 : 0));
  std::uint64_t number = 0;
  const auto [stop, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool too_large = failure == std::errc::result_out_of_range || number > kMaxRate >> shift;
  const bool all_read = !digits.empty() && stop == digits.data() + digits.size();
  if (!all_read || (failure != std::errc() && !too_large))
    return make_error(Code::kInvalidArgument,
                      "is no rate; write bytes a second like 500k, 10M or 1G, 0 for no limit");
  if (too_large) return make_error(Code::kInvalidArgument, "must be at most 1048576G");
  return number << shift;
}

}  // namespace trueque
