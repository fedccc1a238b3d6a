// A Chunk message as gRPC sends it, built around the file's bytes without copying
// them. Each function may be called from any thread.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <functional>
#include <span>

#include "common/base/result.h"

namespace trueque {

inline constexpr std::size_t kMaxChunkBytes = 256UL * 1024;

// Lets `fill` write `size` bytes (1 to kMaxChunkBytes) and wraps them.
Result<grpc::ByteBuffer> make_chunk(std::size_t size,
                                    const std::function<Status(std::span<std::uint8_t>)>& fill);

}  // namespace trueque
