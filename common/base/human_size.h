// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace trueque {

std::string human_size(std::uint64_t bytes);  // "512 B", "1.5 MiB"

}  // namespace trueque
