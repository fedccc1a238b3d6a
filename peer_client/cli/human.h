// Numbers and tables as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/human_size.h"

namespace trueque {

std::string human_rate(double bytes_per_second);        // "1.5 MiB/s"
std::string human_duration(std::chrono::seconds time);  // "7 s", "3:05 min", "2:00:01 h"
std::string plural(std::uint64_t count, const std::string& singular);  // "1 file", "2 files"

// The first 8 digits of a content id.
std::string short_id(const std::string& hex);

// Columns aligned as a terminal shows them, two blanks between; the first row is the head.
// What comes from the wire must be printable() already.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace trueque
