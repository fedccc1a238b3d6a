#include "peer_client/core/piece_run.h"

#include <algorithm>

namespace trueque {

PieceRun::PieceRun(const PiecePlan& plan, const PiecePicker::Run& run, Writer writer,
                   Verified verified)
    : plan_(plan),
      writer_(std::move(writer)),
      verified_(std::move(verified)),
      hasher_(leaves_per_piece(plan.layout)),
      piece_(run.first),
      offset_(plan.layout.piece_offset(run.first)) {
  const std::uint64_t last = run.first + run.count - 1;
  end_ = plan.layout.piece_offset(last) + plan.layout.piece_length(last);
}

Status PieceRun::take(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (through()) return make_error(Code::kDataLoss, "sent more bytes than it was asked for");
    const std::uint64_t end = plan_.layout.piece_offset(piece_) + plan_.layout.piece_length(piece_);
    const auto portion = bytes.first(std::min<std::uint64_t>(bytes.size(), end - offset_));
    local_error_ = writer_(offset_, portion);
    if (!local_error_) return local_error_;
    hasher_.update(portion);
    offset_ += portion.size();
    bytes = bytes.subspan(portion.size());
    if (offset_ == end) {
      if (Status status = close_piece(); !status) return status;
    }
  }
  return {};
}

Status PieceRun::close_piece() {
  if (hasher_.finish() != plan_.hashes[piece_]) return make_error(Code::kDataLoss, kWrongBytes);
  if (verified_(piece_++)) return {};
  return make_error(Code::kCancelled, "no longer needed");
}

}  // namespace trueque
