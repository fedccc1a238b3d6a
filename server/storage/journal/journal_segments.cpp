#include "server/storage/journal/journal_segments.h"

#include <charconv>
#include <string_view>

namespace trueque {

std::string segment_path(const std::string& prefix, std::uint64_t number) {
  return prefix + std::to_string(number);
}

Result<SegmentPaths> list_segments(const StorageFiles& files, const std::string& prefix) {
  const auto paths = files.list(prefix);
  if (!paths) return paths.error();
  SegmentPaths segments;
  for (const std::string& path : *paths) {
    std::uint64_t number = 0;
    const char* const first = path.data() + prefix.size();
    const char* const last = path.data() + path.size();
    const auto [end, failed] = std::from_chars(first, last, number);
    if (failed != std::errc() || end != last || path != segment_path(prefix, number)) continue;
    segments.emplace(number, path);
  }
  return segments;
}

Status remove_segments_below(StorageFiles& files, const std::string& prefix, std::uint64_t number) {
  const auto segments = list_segments(files, prefix);
  if (!segments) return segments.error();
  for (const auto& [each, path] : *segments) {
    if (each >= number) break;
    if (Status status = files.remove(path); !status) return status;
  }
  return {};
}

}  // namespace trueque
