// Whatever a peer answers to Stat, a plan made of it is one that fits the directory's
// size and the content id, cut as the layout says; everything else is refused with a
// sentence, and what is refused is refused for a reason.
//
//   u64 size by the directory  u64 size  u64 piece size  content id (32)  hashes (32 each)
#include <cstdint>
#include <cstring>
#include <vector>

#include "peer_client/core/piece_plan.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::PieceLayout;
using trueque::PiecePlan;
using trueque::RemoteFile;
using trueque::testing::require;

constexpr std::size_t kHeadBytes = 3 * 8 + sizeof(trueque::Sha256);

std::uint64_t number_at(const std::uint8_t* data) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number |= std::uint64_t{data[i]} << (8 * i);
  return number;
}

RemoteFile answer_of(const std::uint8_t* data, std::size_t size) {
  RemoteFile file;
  file.size = number_at(data + 8);
  file.piece_size = number_at(data + 16);
  std::memcpy(file.content_id.bytes.data(), data + 24, sizeof(trueque::Sha256));
  file.piece_hashes.resize((size - kHeadBytes) / sizeof(trueque::Sha256));
  if (!file.piece_hashes.empty()) {
    std::memcpy(file.piece_hashes.data(), data + kHeadBytes,
                file.piece_hashes.size() * sizeof(trueque::Sha256));
  }
  return file;
}

// The pieces lie side by side and make up the file, no more and no less.
void require_whole(const PieceLayout& layout) {
  std::uint64_t end = 0;
  for (std::uint64_t piece = 0; piece < layout.piece_count(); ++piece) {
    require(layout.piece_offset(piece) == end);
    require(layout.piece_length(piece) > 0 && layout.piece_length(piece) <= layout.piece_size());
    end += layout.piece_length(piece);
  }
  require(end == layout.file_size());
}

bool fits(std::uint64_t size, const RemoteFile& file) {
  if (size > trueque::kMaxFileSize || file.size != size) return false;
  const PieceLayout layout(size);
  return file.piece_size == layout.piece_size() &&
         file.piece_hashes.size() == layout.piece_count() &&
         trueque::root_of_pieces(layout, file.piece_hashes) == file.content_id;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHeadBytes) return 0;
  const std::uint64_t wanted = number_at(data);
  const RemoteFile file = answer_of(data, size);
  const auto plan = trueque::plan_from_stat(file.content_id, wanted, file);
  require(plan.ok() == fits(wanted, file));
  if (plan) {
    require(plan->layout.file_size() == wanted && plan->hashes == file.piece_hashes);
    require_whole(plan->layout);
  } else {
    require(plan.error().code == trueque::Code::kDataLoss && !plan.error().message.empty());
  }
  trueque::ContentId other = file.content_id;
  other.bytes[0] ^= 1;
  require(!trueque::plan_from_stat(other, wanted, file));
  return 0;
}
