// How a content is cut and what each piece must hash to, checked against the
// content id: nobody's word is taken for anything here.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "common/content/merkle_tree.h"
#include "peer_client/core/peer_channel.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

struct PiecePlan {
  PieceLayout layout{0};
  std::vector<Sha256> hashes;

  bool complete(std::uint64_t verified) const { return verified == hashes.size(); }
  bool operator==(const PiecePlan& other) const {
    return layout.file_size() == other.layout.file_size() && hashes == other.hashes;
  }
};

// For a file within one piece, whose piece hash is its content id.
// kDataLoss when `size` cannot be the size of that content.
Result<PiecePlan> plan_without_stat(const ContentId& content, std::uint64_t size);

// From a peer's answer. kDataLoss, saying what is wrong, unless size, piece size,
// number of pieces and hashes agree with each other and with the content id.
Result<PiecePlan> plan_from_stat(const ContentId& content, std::uint64_t size,
                                 const RemoteFile& file);

// How many pieces from the start the part holds already, by their hashes.
Result<std::uint64_t> verified_pieces(const PartFile& part, const PiecePlan& plan);

// Takes the bytes of a plan in order from the start of piece `verified`, writes
// them to the part, and counts a piece when its hash is right. Memory does not
// depend on the piece size.
class PieceWriter {
 public:
  PieceWriter(const PiecePlan& plan, const PartFile& part, std::uint64_t verified);

  // kDataLoss for bytes that are wrong or too many; then nothing more is taken.
  // kAborted when they cannot be written: local_error() tells the two worlds apart.
  Status take(std::span<const std::uint8_t> bytes);

  std::uint64_t verified() const { return verified_; }  // pieces
  std::uint64_t offset() const { return offset_; }      // bytes, those of the open piece too
  const Status& local_error() const { return local_error_; }

 private:
  Status close_piece();

  const PiecePlan& plan_;
  const PartFile& part_;
  PieceHasher hasher_;
  std::uint64_t verified_;
  std::uint64_t offset_;
  Status local_error_;
};

}  // namespace trueque
