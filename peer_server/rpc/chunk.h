// A Chunk message as gRPC sends it, built around the file's bytes without copying
// them. Each function may be called from any thread.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <vector>

#include "peer_server/rpc/block_pool.h"

namespace trueque {

// Wraps the first `size` bytes of the blocks, which are full but for the last one.
grpc::ByteBuffer make_chunk(std::vector<SendBlockPtr> blocks, std::size_t size);

}  // namespace trueque
