// Whatever bytes a peer sends as its FileInfo: read, it says exactly what they say, with
// one bit a piece where it holds a part; or it is refused with a sentence.
#include <cstdint>
#include <cstring>

#include "common/content/piece_bits.h"
#include "peer_client/rpc/file_info.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::Sha256;
using trueque::testing::require;

bool fits(const trueque::v1::FileInfo& info) {
  const std::string& hashes = info.piece_hashes();
  if (info.content_id().size() != sizeof(Sha256) || hashes.size() % sizeof(Sha256) != 0)
    return false;
  const std::size_t pieces = hashes.size() / sizeof(Sha256);
  return info.held_pieces().empty() || info.held_pieces().size() == (pieces + 7) / 8;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trueque::v1::FileInfo info;
  if (!info.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto file = trueque::read_file_info(info);
  require(file.ok() == fits(info));
  if (!file) {
    require(file.error().code == trueque::Code::kDataLoss && !file.error().message.empty());
    return 0;
  }
  require(file->file_name == info.file_name() && file->size == info.size());
  require(file->piece_size == info.piece_size());
  require(std::memcmp(file->content_id.bytes.data(), info.content_id().data(), sizeof(Sha256)) ==
          0);
  const std::string& hashes = info.piece_hashes();
  require(file->piece_hashes.size() * sizeof(Sha256) == hashes.size());
  require(hashes.empty() ||
          std::memcmp(file->piece_hashes.data(), hashes.data(), hashes.size()) == 0);
  require(file->held.empty() || file->held.size() == file->piece_hashes.size());
  for (std::size_t piece = 0; piece < file->held.size(); ++piece) {
    const auto byte = static_cast<std::uint8_t>(info.held_pieces()[piece / 8]);
    require(file->held[piece] == ((byte >> (7 - piece % 8) & 1) != 0));
  }
  return 0;
}
