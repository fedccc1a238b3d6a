#include "peer_client/core/piece_plan.h"

namespace trueque {
namespace {

Error lie(std::string what) { return make_error(Code::kDataLoss, std::move(what)); }

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
  if (size > kMaxFileSize) return lie("says a size that no file has");
  if (file.content_id != content) return lie("answered for another content");
  const PieceLayout layout(size);
  if (file.piece_size != layout.piece_size()) return lie("gave a wrong piece size");
  if (file.piece_hashes.size() != layout.piece_count())
    return lie("gave a wrong number of piece hashes");
  if (root_of_pieces(layout, file.piece_hashes) != content)
    return lie("gave piece hashes that do not match the content id");
  return PiecePlan{layout, file.piece_hashes};
}

}  // namespace trueque
