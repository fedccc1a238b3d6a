// Rates as people write them: bytes a second, "500k", "10M", "1G".
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"

namespace trueque {

inline constexpr std::uint64_t kMaxRate = std::uint64_t{1} << 50;  // bytes a second

// Digits and at most one of k, M, G (of either case), binary multiples: 1k is
// 1,024. 0 is no limit. The error is the end of a sentence that names the value.
Result<std::uint64_t> parse_rate(std::string_view text);

}  // namespace trueque
