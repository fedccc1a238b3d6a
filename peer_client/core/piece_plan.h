// How a content is cut and what each piece must hash to, checked against the
// content id: nobody's word is taken for anything here.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "common/content/merkle_tree.h"
#include "peer_client/core/peer_channel.h"

namespace trueque {

// What is said of a source whose bytes are wrong.
inline constexpr const char* kWrongBytes = "sent bytes that do not match the content id";

struct PiecePlan {
  PieceLayout layout{0};
  std::vector<Sha256> hashes;

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

}  // namespace trueque
