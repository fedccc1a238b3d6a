// What tells one state of a file from another without reading it. Two equal
// stamps taken a rest apart mean that the content is still the same.
#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace trueque {

struct FileStamp {
  std::uint64_t size = 0;     // bytes
  std::int64_t mtime_ns = 0;  // since the epoch
  std::uint64_t inode = 0;

  bool operator==(const FileStamp&) const = default;
};

inline FileStamp stamp_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_ino)};
}

}  // namespace trueque
