// Walks the records of a hash cache file, over whatever damage it holds.
// Not for two threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "peer_server/core/hash_record.h"

namespace trueque {

class HashCacheReader {
 public:
  struct Item {
    HashRecord record;
    std::uint64_t offset = 0;  // of the record in the file, bytes
    std::uint64_t length = 0;
    std::uint64_t pieces_offset = 0;  // in the file
  };

  // Reads `fd` from `start` to its end.
  HashCacheReader(int fd, std::uint64_t start, std::uint64_t file_size)
      : fd_(fd), window_offset_(start), file_size_(file_size), valid_end_(start) {}

  // The next good record; nothing at the end.
  Result<std::optional<Item>> next();

  // The end of the last good record: what follows is torn.
  std::uint64_t valid_end() const { return valid_end_; }
  // Times the reader had to look for the next good record.
  std::uint64_t damaged() const { return damaged_; }

 private:
  // Makes the window hold `wanted` bytes from position_, or all there are.
  Status fill(std::size_t wanted);
  bool skip_damage();

  int fd_;
  std::string window_;           // bytes of the file from window_offset_
  std::size_t position_ = 0;     // in window_
  std::uint64_t window_offset_;  // bytes
  std::uint64_t file_size_;
  std::uint64_t valid_end_;
  std::uint64_t damaged_ = 0;
};

}  // namespace trueque
