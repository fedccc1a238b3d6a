// The pieces of one part file, and which of them were found right. The journal that
// names them may be wrong, after a crash say: a piece is hashed once before it is
// given out, so that nobody is taken for a liar for it.
// Shared by all who read the part; any thread. No lock is held while hashing.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "common/base/result.h"
#include "common/content/part_journal.h"
#include "common/content/piece_layout.h"

namespace trueque {

class PartPieces {
 public:
  explicit PartPieces(const PartJournal& journal);

  const PieceLayout& layout() const { return layout_; }

  // The journal's pieces without those found wrong. A journal of another length than
  // before may name a piece anew that was wrong.
  std::vector<bool> held(const PartJournal& journal, std::uint64_t journal_bytes);
  // Hashes the piece, read from `fd`, unless it was found right before. kUnavailable
  // when it is wrong.
  Status check(int fd, std::uint64_t piece);

 private:
  enum class Look : std::uint8_t { kNever, kRight, kWrong };

  Result<Sha256> hash(int fd, std::uint64_t piece) const;

  const PieceLayout layout_;
  const std::vector<Sha256> hashes_;
  std::mutex mutex_;  // guards the next two
  std::vector<Look> looks_;
  std::uint64_t journal_bytes_ = 0;
};

// What is asked for is not here yet: ask again soon.
Error not_held_yet();

}  // namespace trueque
