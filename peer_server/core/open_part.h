// The part file of a download that goes on, open for reading. Gives out nothing but
// pieces that were found right. Any thread, one at a time.
#pragma once

#include <memory>
#include <span>

#include "common/base/files.h"
#include "peer_server/core/part_pieces.h"

namespace trueque {

class OpenPart {
 public:
  OpenPart(UniqueFd fd, std::shared_ptr<PartPieces> pieces)
      : fd_(std::move(fd)), pieces_(std::move(pieces)) {}

  // The buffers, one after another, from `offset`, all within the file. kUnavailable
  // when a piece they lie in is not right, or not there any more.
  Status read(std::span<const std::span<std::uint8_t>> parts, std::uint64_t offset) const;
  // Hints as those of OpenFile.
  void expect(std::uint64_t offset, std::uint64_t length) const;
  void expect_in_order() const;

 private:
  UniqueFd fd_;
  std::shared_ptr<PartPieces> pieces_;
};

}  // namespace trueque
