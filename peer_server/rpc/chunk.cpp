#include "peer_server/rpc/chunk.h"

#include <array>
#include <memory>
#include <vector>

namespace trueque {
namespace {

constexpr std::uint8_t kDataTag = 1 << 3 | 2;  // field 1, length-delimited

struct ChunkMemory {
  std::unique_ptr<std::uint8_t[]> bytes;
};

// The field's tag and length, as protobuf writes them.
std::vector<std::uint8_t> header_for(std::size_t size) {
  std::vector<std::uint8_t> header = {kDataTag};
  for (; size >= 0x80; size >>= 7) header.push_back(static_cast<std::uint8_t>(size | 0x80));
  header.push_back(static_cast<std::uint8_t>(size));
  return header;
}

}  // namespace

Result<grpc::ByteBuffer> make_chunk(std::size_t size,
                                    const std::function<Status(std::span<std::uint8_t>)>& fill) {
  auto memory = std::make_unique<ChunkMemory>();
  memory->bytes = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  std::uint8_t* const bytes = memory->bytes.get();
  if (Status filled = fill({bytes, size}); !filled) return filled.error();
  const std::vector<std::uint8_t> header = header_for(size);
  // gRPC owns the memory from here and frees it when the bytes are sent.
  const auto release = [](void* owned) {
    const std::unique_ptr<ChunkMemory> freed(static_cast<ChunkMemory*>(owned));
  };
  const std::array<grpc::Slice, 2> slices = {grpc::Slice(header.data(), header.size()),
                                             grpc::Slice(bytes, size, release, memory.release())};
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace trueque
