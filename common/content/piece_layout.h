// How a file of a given size is cut into pieces and 16 KiB blocks (BEP 52).
// The piece size is the smallest power of two from 1 MiB up that makes at most
// 1,024 pieces, but never more than 64 MiB.
#pragma once

#include <cstdint>

namespace trueque {

inline constexpr std::uint64_t kBlockSize = 16ULL * 1024;
inline constexpr std::uint64_t kMinPieceSize = 1024ULL * 1024;
inline constexpr std::uint64_t kMaxPieceSize = 64ULL * 1024 * 1024;
inline constexpr std::uint64_t kMaxFileSize = (1ULL << 53) - 1;

class PieceLayout {
 public:
  // `file_size` in bytes, at most kMaxFileSize.
  explicit PieceLayout(std::uint64_t file_size);

  std::uint64_t file_size() const { return file_size_; }
  std::uint64_t piece_size() const { return piece_size_; }  // bytes
  std::uint64_t piece_count() const;                        // 0 for the empty file
  std::uint64_t piece_offset(std::uint64_t index) const { return index * piece_size_; }
  std::uint64_t piece_length(std::uint64_t index) const;  // bytes; the last one may be shorter

 private:
  std::uint64_t file_size_;
  std::uint64_t piece_size_ = kMinPieceSize;
};

}  // namespace trueque
