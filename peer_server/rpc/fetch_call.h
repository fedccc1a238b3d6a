// One Fetch or FetchMany: ranges of files, sent chunk by chunk. It decides nothing: Uploads
// says when to read and send, and is told of what gRPC reports. It holds no thread
// while its caller takes a chunk.
//
// gRPC owns the call from start to OnDone, where it deletes itself. Until end() it
// is Uploads' to use, one function at a time; cut_off() may be called from any
// thread until OnDone.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "peer_server/core/upload_schedule.h"
#include "peer_server/rpc/block_pool.h"
#include "peer_server/rpc/range_reader.h"

namespace trueque {

class Uploads;

class FetchCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  FetchCall(grpc::CallbackServerContext& context, RangeReader ranges, Uploads& uploads);

  const std::string& peer() const { return peer_; }
  std::uint64_t left() const { return ranges_.left(); }  // bytes not read yet
  // How it ends when nothing is left.
  const Status& outcome() const { return ranges_.failure(); }

  // The next chunk, of `bytes` at most what is left, which fill the blocks; fewer when a
  // range cannot be read further, and its error when that is the first of them.
  Result<grpc::ByteBuffer> read(std::vector<SendBlockPtr> blocks, std::size_t bytes);
  // Once the chunk before was taken.
  void send(grpc::ByteBuffer chunk);
  // Once; also with a chunk still on its way, which keeps the call until gRPC lets go.
  void end(const Status& status);
  void cut_off() { context_.TryCancel(); }
  // Of its caller.
  std::uint16_t port() const { return port_; }

  UploadSchedule::Stream stream = 0;  // what Uploads knows it by

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  grpc::CallbackServerContext& context_;
  RangeReader ranges_;
  const std::string peer_;
  const std::uint16_t port_;
  Uploads& uploads_;
  bool bound_ = false;            // gRPC has seen the call: it reads a chunk when it is given it
  grpc::ByteBuffer first_chunk_;  // until then
};

}  // namespace trueque
