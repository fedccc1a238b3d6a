// The Merkle tree of BEP 52: SHA-256 over 16 KiB blocks, joined in pairs, the
// leaf layer padded with zero hashes to a power of two.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/content/content_id.h"
#include "common/content/piece_layout.h"

namespace trueque {

// Hashes one piece from its bytes, fed in any portions. Reusable after finish();
// not for use by two threads at once.
class PieceHasher {
 public:
  // `leaves`: the number of blocks the piece's tree is padded to, a power of two.
  explicit PieceHasher(std::uint64_t leaves);
  ~PieceHasher();
  PieceHasher(PieceHasher&&) noexcept;
  PieceHasher& operator=(PieceHasher&&) noexcept;

  void update(std::span<const std::uint8_t> bytes);
  Sha256 finish();

  // The root over `nodes`, padded with `pad` to the next power of two.
  static Sha256 join(std::vector<Sha256> nodes, const Sha256& pad);

 private:
  class Digest;

  void close_block();

  std::unique_ptr<Digest> digest_;
  std::uint64_t leaves_;
  std::uint64_t block_fill_ = 0;  // bytes in the open block
  std::vector<Sha256> blocks_;    // hashes of the closed ones
};

// The number of leaves of a piece's tree within a file of this layout: that of a
// whole piece, or, for a file of one piece, the next power of two of its blocks.
std::uint64_t leaves_per_piece(const PieceLayout& layout);

// Hashes a whole file of a known size, fed in order. Not for two threads at once.
class ContentHasher {
 public:
  explicit ContentHasher(std::uint64_t file_size);

  // Returns false, and ignores the bytes, when there are more than the file's size.
  bool update(std::span<const std::uint8_t> bytes);
  // Bytes fed so far.
  std::uint64_t position() const { return position_; }
  // The hashes of all pieces; complete only after file_size bytes.
  std::vector<Sha256> take_piece_hashes();

 private:
  PieceLayout layout_;
  PieceHasher hasher_;
  std::uint64_t position_ = 0;
  std::vector<Sha256> pieces_;
};

// The content id of a file whose pieces have these hashes. There must be
// layout.piece_count() of them.
ContentId root_of_pieces(const PieceLayout& layout, std::span<const Sha256> piece_hashes);

}  // namespace trueque
