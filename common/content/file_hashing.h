// The hashing of one file, a piece at a time, by as many threads as there are: each
// takes the next piece that nobody has. The bytes are read once, in portions that
// stay in a core's cache between reading and hashing, so memory is kReadSize and the
// hashes of one piece's blocks for each thread. Any thread may call.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "common/content/piece_layout.h"

namespace trueque {

class FileHashing {
 public:
  // Measured: from 64 to 256 KiB is fastest; larger leaves the cache, smaller asks the system
  // often.
  static constexpr std::size_t kReadSize = 128UL * 1024;  // bytes

  // Fills all the bytes, from this offset in the file, or says why not. Called by
  // several threads at once.
  using Read = std::function<Status(std::span<std::uint8_t>, std::uint64_t)>;

  // `known`: the hashes of the first pieces, where they were hashed before.
  FileHashing(std::uint64_t file_size, Read read, std::vector<Sha256> known = {});

  // True while there is something that no thread has taken.
  bool has_more() const;
  // Takes the next piece and hashes it. True for the one call that ended it all:
  // the others are done too, or one failed and nobody is at work any more.
  bool hash_next();

  // The hashes of the pieces that are done and have none undone before them, and their number.
  std::vector<Sha256> done() const;
  std::uint64_t done_count() const;
  // Once it has ended: how, and what came of it.
  Status status() const;
  ContentId id() const;

 private:
  Result<Sha256> hash(std::uint64_t piece) const;
  bool more() const { return !failure_ && next_ < turns_; }

  const PieceLayout layout_;
  const Read read_;
  const std::uint64_t turns_;  // one a piece; the empty file has one, with nothing to hash
  mutable std::mutex mutex_;   // guards all below
  std::vector<Sha256> pieces_;
  std::vector<bool> hashed_;
  std::uint64_t done_ = 0;  // all before it are hashed
  std::uint64_t next_ = 0;
  std::uint64_t at_work_ = 0;
  std::optional<Error> failure_;
};

// Hashes it all on this thread and up to `threads` - 1 others.
Status hash_all(FileHashing& hashing, unsigned threads);

}  // namespace trueque
