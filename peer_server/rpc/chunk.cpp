#include "peer_server/rpc/chunk.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr std::uint8_t kDataTag = 1 << 3 | 2;  // field 1, length-delimited

// The field's tag and length, as protobuf writes them.
grpc::Slice header_for(std::size_t size) {
  std::vector<std::uint8_t> header = {kDataTag};
  for (; size >= 0x80; size >>= 7) header.push_back(static_cast<std::uint8_t>(size | 0x80));
  header.push_back(static_cast<std::uint8_t>(size));
  return grpc::Slice(header.data(), header.size());
}

}  // namespace

grpc::ByteBuffer make_chunk(std::vector<SendBlockPtr> blocks, std::size_t size) {
  // gRPC owns each block from here and lets go of it when its bytes are sent.
  const auto release = [](void* block) {
    const SendBlockPtr owned(static_cast<SendBlock*>(block));
  };
  std::vector<grpc::Slice> slices = {header_for(size)};
  slices.reserve(1 + blocks.size());
  for (SendBlockPtr& block : blocks) {
    const std::size_t part = std::min(size, SendBlock::kBytes);
    std::uint8_t* const bytes = block->bytes.data();
    slices.emplace_back(bytes, part, release, block.release());
    size -= part;
  }
  return {slices.data(), slices.size()};
}

}  // namespace trueque
