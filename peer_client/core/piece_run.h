// Takes the bytes of consecutive pieces in order, writes them, and says when a piece
// is there and right. Memory does not depend on the piece size. For one thread; no
// two may write the same piece to the same place.
#pragma once

#include "common/content/merkle_tree.h"
#include "peer_client/core/piece_picker.h"
#include "peer_client/core/piece_plan.h"

namespace trueque {

class PieceRun {
 public:
  // Whether to go on after this piece was verified.
  using Verified = std::function<bool(std::uint64_t piece)>;

  // Writes bytes where this offset of the file is.
  using Writer = std::function<Status(std::uint64_t offset, std::span<const std::uint8_t> bytes)>;

  PieceRun(const PiecePlan& plan, const PiecePicker::Run& run, Writer writer, Verified verified);

  std::uint64_t offset() const { return offset_; }         // of the next byte, in the file
  std::uint64_t length() const { return end_ - offset_; }  // bytes still to come
  std::uint64_t piece() const { return piece_; }
  bool through() const { return offset_ == end_; }

  // kDataLoss for bytes that are wrong or too many; kCancelled when `verified` said
  // not to go on; kAborted when they cannot be written, which is this side's fault:
  // local_error() tells.
  Status take(std::span<const std::uint8_t> bytes);
  const Status& local_error() const { return local_error_; }

 private:
  Status close_piece();

  const PiecePlan& plan_;
  Writer writer_;
  Verified verified_;
  PieceHasher hasher_;
  std::uint64_t piece_;
  std::uint64_t offset_;
  std::uint64_t end_;
  Status local_error_;
};

}  // namespace trueque
