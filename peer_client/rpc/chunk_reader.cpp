#include "peer_client/rpc/chunk_reader.h"

#include <algorithm>

#include "trueque/v1/file_transfer.pb.h"

namespace trueque {
namespace {

// How a field is written is in the low three bits of its tag.
enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr std::uint32_t kData =
    trueque::v1::Chunk::kDataFieldNumber << 3 | std::uint32_t{kLengthDelimited};

Error malformed() { return make_error(Code::kDataLoss, "sent a message that is no chunk"); }

bool skip_field(google::protobuf::io::CodedInputStream& input, std::uint32_t tag) {
  std::uint64_t number = 0;
  int length = 0;
  switch (tag & 7) {
    case kVarint:
      return input.ReadVarint64(&number);
    case kFixed64:
      return input.Skip(8);
    case kLengthDelimited:
      return input.ReadVarintSizeAsInt(&length) && input.Skip(length);
    case kFixed32:
      return input.Skip(4);
    default:
      return false;  // groups are of proto2
  }
}

}  // namespace

Result<std::uint32_t> ChunkReader::next_field() {
  while (true) {
    const std::uint32_t tag = input_.ReadTag();
    if (tag == kData) return tag;
    if (tag == 0) {
      if (!input_.ConsumedEntireMessage()) return malformed();
      return tag;
    }
    if (tag >> 3 == 0 || !skip_field(input_, tag)) return malformed();
  }
}

Result<std::size_t> ChunkReader::size() {
  const Result<std::uint32_t> field = next_field();
  if (!field) return field.error();
  if (*field == kData && !input_.ReadVarintSizeAsInt(&left_)) return malformed();
  return static_cast<std::size_t>(left_);
}

Status ChunkReader::read(const PeerChannel::Sink& sink) {
  while (left_ > 0) {
    const void* data = nullptr;
    int available = 0;
    if (!input_.GetDirectBufferPointer(&data, &available)) return malformed();
    const int portion = std::min(left_, available);
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    if (Status status = sink({bytes, static_cast<std::size_t>(portion)}); !status) return status;
    input_.Skip(portion);
    left_ -= portion;
  }
  // A second piece of data would replace the first one, which is gone already.
  const Result<std::uint32_t> rest = next_field();
  if (!rest) return rest.error();
  return *rest == 0 ? Status() : malformed();
}

}  // namespace trueque
