// trueque.v1.FileTransfer over a shared folder: check, call, translate. Bytes go
// through upload slots; a caller that finds none free is told to come back.
// gRPC calls it from any thread.
#pragma once

#include <chrono>

#include "peer_server/core/shared_folder.h"
#include "peer_server/rpc/fetch_call.h"
#include "peer_server/rpc/upload_slots.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque {

struct UploadLimits {
  unsigned slots = 8;
  std::chrono::milliseconds stall{30'000};  // a caller that takes nothing loses its slot
  std::chrono::milliseconds busy_retry{500};
};

class FileTransferService final
    : public v1::FileTransfer::WithRawCallbackMethod_Fetch<
          v1::FileTransfer::WithCallbackMethod_Stat<v1::FileTransfer::Service>> {
 public:
  // `folder` may be null: nothing is shared. It must outlive the service, and the
  // service the server.
  FileTransferService(SharedFolder* folder, UploadLimits limits);

  grpc::ServerUnaryReactor* Stat(grpc::CallbackServerContext* context,
                                 const v1::StatRequest* request, v1::FileInfo* info) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Fetch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;

 private:
  Result<FileDetails> find(const v1::StatRequest& request) const;
  Result<OpenFile> open(const v1::FetchRequest& request);

  SharedFolder* const folder_;
  const UploadLimits limits_;
  StalledCalls stalled_;
  UploadSlots slots_;  // last: its threads end before what they use
};

}  // namespace trueque
