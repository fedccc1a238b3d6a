#include "common/content/piece_layout.h"

#include <algorithm>

namespace trueque {
namespace {
constexpr std::uint64_t kTargetPieces = 1024;
}

PieceLayout::PieceLayout(std::uint64_t file_size) : file_size_(file_size) {
  while (piece_size_ < kMaxPieceSize && file_size > piece_size_ * kTargetPieces) piece_size_ *= 2;
}

std::uint64_t PieceLayout::piece_count() const {
  return (file_size_ + piece_size_ - 1) / piece_size_;
}

std::uint64_t PieceLayout::piece_length(std::uint64_t index) const {
  const std::uint64_t offset = piece_offset(index);
  return offset >= file_size_ ? 0 : std::min(piece_size_, file_size_ - offset);
}

}  // namespace trueque
