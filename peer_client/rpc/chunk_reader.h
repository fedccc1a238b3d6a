// The bytes of one Chunk where they arrived: in the slices of a raw message.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "peer_client/core/peer_channel.h"

namespace trueque {

class ChunkReader {
 public:
  // `message` outlives it.
  explicit ChunkReader(grpc::ByteBuffer& message) : slices_(&message), input_(&slices_) {}

  // How many bytes the chunk holds; kDataLoss when the message is no Chunk. Once, first.
  Result<std::size_t> size();
  // Hands them over, in order, in as many portions as there are slices. Once. kDataLoss
  // when the message goes on with what is no part of a Chunk.
  Status read(const PeerChannel::Sink& sink);

 private:
  // Fields of a later version are passed over. 0 at the end of the message.
  Result<std::uint32_t> next_field();

  grpc::ProtoBufferReader slices_;
  google::protobuf::io::CodedInputStream input_;
  int left_ = 0;  // bytes of the chunk not handed over yet
};

}  // namespace trueque
