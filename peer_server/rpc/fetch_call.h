// One Fetch: a range of a file, sent chunk by chunk. It decides nothing: Uploads
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
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "peer_server/core/open_file.h"
#include "peer_server/core/open_part.h"
#include "peer_server/core/upload_schedule.h"
#include "peer_server/rpc/block_pool.h"

namespace trueque {

class Uploads;

// A whole file, or what is there of a download that goes on.
using ServedFile = std::variant<OpenFile, OpenPart>;

struct ByteRange {
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;  // bytes
};

class FetchCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // The range lies within the file and is not empty.
  FetchCall(grpc::CallbackServerContext& context, ServedFile file, ByteRange range,
            Uploads& uploads);

  const std::string& peer() const { return peer_; }
  std::uint64_t left() const { return end_ - position_; }  // bytes not read yet

  // The next chunk, of `bytes` at most what is left, which fill the blocks.
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
  // Has the disk fetch what comes next.
  void read_ahead() const;

  grpc::CallbackServerContext& context_;
  const ServedFile file_;
  const std::string peer_;
  const std::uint16_t port_;
  Uploads& uploads_;
  std::uint64_t position_;  // in the file, bytes
  const std::uint64_t end_;
  bool bound_ = false;            // gRPC has seen the call: it reads a chunk when it is given it
  grpc::ByteBuffer first_chunk_;  // until then
};

}  // namespace trueque
