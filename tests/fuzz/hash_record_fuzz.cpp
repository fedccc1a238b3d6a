// A record of the hash cache that decodes says the same when it is written again;
// all other bytes are refused without harm.
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "peer_server/core/hash_record.h"
#include "tests/fuzz/require.h"

using trueque::testing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Kind = trueque::DecodedRecord::Kind;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const trueque::DecodedRecord decoded = trueque::decode_record(bytes);
  if (decoded.kind == Kind::kNeedMore) require(decoded.length > size);
  if (decoded.kind != Kind::kRecord) return 0;
  require(decoded.length <= size && decoded.pieces_offset <= decoded.length);
  std::vector<trueque::Sha256> pieces(decoded.record.piece_count);
  const std::size_t hashes = pieces.size() * sizeof(trueque::Sha256);
  require(decoded.pieces_offset + hashes == decoded.length);
  if (!pieces.empty()) std::memcpy(pieces.data(), data + decoded.pieces_offset, hashes);
  const trueque::EncodedRecord again = trueque::encode_record(decoded.record, pieces);
  require(again.bytes == bytes.substr(0, decoded.length));
  require(again.pieces_offset == decoded.pieces_offset);
  return 0;
}
