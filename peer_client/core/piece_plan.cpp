#include "peer_client/core/piece_plan.h"

#include <algorithm>

namespace trueque {
namespace {

Error lie(std::string what) { return make_error(Code::kDataLoss, std::move(what)); }

// Hashes piece `index` from the part.
Result<Sha256> hash_piece(const PartFile& part, const PieceLayout& layout, PieceHasher& hasher,
                          std::uint64_t index) {
  std::vector<std::uint8_t> buffer(256 * 1024);
  std::uint64_t offset = layout.piece_offset(index);
  const std::uint64_t end = offset + layout.piece_length(index);
  while (offset < end) {
    const auto portion =
        std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - offset));
    if (Status status = part.read_at(offset, portion); !status) return status.error();
    hasher.update(portion);
    offset += portion.size();
  }
  return hasher.finish();
}

}  // namespace

Result<PiecePlan> plan_without_stat(const ContentId& content, std::uint64_t size) {
  const bool empty_id = content == ContentId{};
  if ((size == 0) != empty_id) return lie("a size that cannot be that content's");
  PiecePlan plan{PieceLayout(size), {}};
  if (size > 0) plan.hashes.push_back(content.bytes);
  return plan;
}

Result<PiecePlan> plan_from_stat(const ContentId& content, std::uint64_t size,
                                 const RemoteFile& file) {
  if (file.size != size) {
    return lie("says the file has " + std::to_string(file.size) + " bytes, the directory says " +
               std::to_string(size));
  }
  if (file.content_id != content) return lie("answered for another content");
  const PieceLayout layout(size);
  if (file.piece_size != layout.piece_size()) return lie("gave a wrong piece size");
  if (file.piece_hashes.size() != layout.piece_count())
    return lie("gave a wrong number of piece hashes");
  if (root_of_pieces(layout, file.piece_hashes) != content)
    return lie("gave piece hashes that do not match the content id");
  return PiecePlan{layout, file.piece_hashes};
}

Result<std::uint64_t> verified_pieces(const PartFile& part, const PiecePlan& plan) {
  const Result<std::uint64_t> held = part.size();
  if (!held) return held.error();
  const PieceLayout& layout = plan.layout;
  PieceHasher hasher(leaves_per_piece(layout));
  std::uint64_t count = 0;
  while (count < plan.hashes.size() &&
         layout.piece_offset(count) + layout.piece_length(count) <= *held) {
    const Result<Sha256> hash = hash_piece(part, layout, hasher, count);
    if (!hash) return hash.error();
    if (*hash != plan.hashes[count]) break;
    ++count;
  }
  return count;
}

PieceWriter::PieceWriter(const PiecePlan& plan, const PartFile& part, std::uint64_t verified)
    : plan_(plan),
      part_(part),
      hasher_(leaves_per_piece(plan.layout)),
      verified_(verified),
      offset_(std::min(plan.layout.piece_offset(verified), plan.layout.file_size())) {}

Status PieceWriter::take(std::span<const std::uint8_t> bytes) {
  if (!local_error_) return local_error_;
  while (!bytes.empty()) {
    if (plan_.complete(verified_)) return lie("sent more bytes than the file has");
    const std::uint64_t end =
        plan_.layout.piece_offset(verified_) + plan_.layout.piece_length(verified_);
    const auto portion = bytes.first(std::min<std::uint64_t>(bytes.size(), end - offset_));
    local_error_ = part_.write_at(offset_, portion);
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

Status PieceWriter::close_piece() {
  if (hasher_.finish() == plan_.hashes[verified_]) {
    ++verified_;
    return {};
  }
  return lie("sent bytes that do not match the content id");
}

}  // namespace trueque
