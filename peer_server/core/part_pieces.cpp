#include "peer_server/core/part_pieces.h"

#include <algorithm>

#include "common/content/merkle_tree.h"
#include "peer_server/core/open_file.h"

namespace trueque {
namespace {

constexpr std::size_t kPortion = 256UL * 1024;  // bytes
constexpr std::chrono::milliseconds kRetry{1'000};

}  // namespace

Error not_held_yet() {
  Error error = make_error(Code::kUnavailable, "this peer is still fetching that part of the file");
  error.retry_after = kRetry;
  return error;
}

PartPieces::PartPieces(const PartJournal& journal)
    : layout_(journal.size), hashes_(journal.hashes), looks_(journal.hashes.size()) {}

std::vector<bool> PartPieces::held(const PartJournal& journal, std::uint64_t journal_bytes) {
  std::vector<bool> held(looks_.size());
  const std::lock_guard lock(mutex_);
  if (std::exchange(journal_bytes_, journal_bytes) != journal_bytes)
    std::replace(looks_.begin(), looks_.end(), Look::kWrong, Look::kNever);
  for (const std::uint64_t piece : journal.pieces) held[piece] = looks_[piece] != Look::kWrong;
  return held;
}

Status PartPieces::check(int fd, std::uint64_t piece) {
  {
    const std::lock_guard lock(mutex_);
    if (looks_[piece] == Look::kRight) return {};
  }
  const Result<Sha256> hash = this->hash(fd, piece);
  const bool right = hash && *hash == hashes_[piece];
  const std::lock_guard lock(mutex_);
  looks_[piece] = right ? Look::kRight : Look::kWrong;
  return right ? Status() : Status(not_held_yet());
}

Result<Sha256> PartPieces::hash(int fd, std::uint64_t piece) const {
  PieceHasher hasher(leaves_per_piece(layout_));
  std::vector<std::uint8_t> buffer(kPortion);
  std::uint64_t offset = layout_.piece_offset(piece);
  const std::uint64_t end = offset + layout_.piece_length(piece);
  while (offset < end) {
    const auto portion =
        std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - offset));
    if (Status read = read_exactly(fd, portion, offset, "a part"); !read) return read.error();
    hasher.update(portion);
    offset += portion.size();
  }
  return hasher.finish();
}

}  // namespace trueque
