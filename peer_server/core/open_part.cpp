#include "peer_server/core/open_part.h"

#include "peer_server/core/open_file.h"

namespace trueque {

Status OpenPart::read(std::span<const std::span<std::uint8_t>> parts, std::uint64_t offset) const {
  std::uint64_t end = offset;
  for (const std::span<std::uint8_t> part : parts) end += part.size();
  const std::uint64_t piece_size = pieces_->layout().piece_size();
  for (std::uint64_t piece = offset / piece_size; piece * piece_size < end; ++piece) {
    if (Status right = pieces_->check(fd_.get(), piece); !right) return right;
  }
  for (const std::span<std::uint8_t> part : parts) {
    // Cut short since it was looked at: it is not there any more.
    if (!read_exactly(fd_.get(), part, offset, "a part")) return not_held_yet();
    offset += part.size();
  }
  return {};
}

void OpenPart::expect(std::uint64_t offset, std::uint64_t length) const {
  expect_reading(fd_.get(), offset, length);
}

void OpenPart::expect_in_order() const { expect_reading_in_order(fd_.get()); }

}  // namespace trueque
