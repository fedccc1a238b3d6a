// A chunk read where it arrived gives what protobuf's own parser gives, wherever the
// message was cut into slices; what the parser refuses is refused.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "peer_client/rpc/chunk_reader.h"
#include "trueque/v1/file_transfer.pb.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The message in slices of `length` bytes each.
grpc::ByteBuffer cut(const std::uint8_t* data, std::size_t size, std::size_t length) {
  std::vector<grpc::Slice> slices;
  for (std::size_t at = 0; at < size; at += length)
    slices.emplace_back(data + at, std::min(length, size - at));
  return {slices.data(), slices.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t length = data[0] % 32 + 1;
  ++data;
  --size;
  grpc::ByteBuffer message = cut(data, size, length);
  trueque::ChunkReader reader(message);
  const trueque::Result<std::size_t> announced = reader.size();
  std::string bytes;
  bool read = false;
  if (announced) {
    read = reader
               .read([&](std::span<const std::uint8_t> portion) -> trueque::Status {
                 bytes.append(portion.begin(), portion.end());
                 return {};
               })
               .ok();
  }
  if (!read) return 0;
  trueque::v1::Chunk chunk;
  require(chunk.ParseFromArray(data, static_cast<int>(size)));
  require(chunk.data() == bytes && *announced == bytes.size());
  return 0;
}
