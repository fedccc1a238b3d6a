// Where the journal's segments are: <prefix><number>, numbers rising. Pure but for list().
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "server/storage/storage_files.h"

namespace trueque {

std::string segment_path(const std::string& prefix, std::uint64_t number);

// Paths by number; what is not called like a segment is not among them.
using SegmentPaths = std::map<std::uint64_t, std::string>;
Result<SegmentPaths> list_segments(const StorageFiles& files, const std::string& prefix);

inline constexpr std::uint64_t kAllSegments = std::numeric_limits<std::uint64_t>::max();
// Removes those below `number`, the oldest first.
Status remove_segments_below(StorageFiles& files, const std::string& prefix, std::uint64_t number);

}  // namespace trueque
