#include "peer_client/rpc/file_info.h"

#include <cstring>

#include "common/content/piece_bits.h"

namespace trueque {

Result<RemoteFile> read_file_info(const trueque::v1::FileInfo& info) {
  const std::optional<ContentId> content = ContentId::from_bytes(info.content_id());
  if (!content) return make_error(Code::kDataLoss, "gave a content id of a wrong length");
  const std::string& hashes = info.piece_hashes();
  if (hashes.size() % sizeof(Sha256) != 0)
    return make_error(Code::kDataLoss, "gave piece hashes of a wrong length");
  RemoteFile file{info.file_name(), info.size(), *content, info.piece_size(), {}, {}};
  file.piece_hashes.resize(hashes.size() / sizeof(Sha256));
  if (!hashes.empty()) std::memcpy(file.piece_hashes.data(), hashes.data(), hashes.size());
  if (info.held_pieces().empty()) return file;
  auto held = decode_piece_bits(info.held_pieces(), file.piece_hashes.size());
  if (!held) return make_error(Code::kDataLoss, "gave held pieces of a wrong length");
  file.held = std::move(*held);
  return file;
}

}  // namespace trueque
