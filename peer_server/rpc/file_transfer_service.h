// trueque.v1.FileTransfer over a shared folder: check, call, translate. Bytes go
// by Uploads; one caller too many is told to come back.
// gRPC calls it from any thread.
#pragma once

#include "peer_server/core/shared_folder.h"
#include "peer_server/rpc/uploads.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque {

class FileTransferService final
    : public v1::FileTransfer::WithRawCallbackMethod_FetchMany<
          v1::FileTransfer::WithRawCallbackMethod_Fetch<
              v1::FileTransfer::WithCallbackMethod_Stat<v1::FileTransfer::Service>>> {
 public:
  // `folder` may be null: nothing is shared. It must outlive the service, and the
  // service the server.
  FileTransferService(SharedFolder* folder, const UploadLimits& limits, Uploads::HangUp hang_up);

  grpc::ServerUnaryReactor* Stat(grpc::CallbackServerContext* context,
                                 const v1::StatRequest* request, v1::FileInfo* info) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Fetch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* FetchMany(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;

 private:
  Result<FileDetails> find(const v1::StatRequest& request) const;
  FetchCall* send(grpc::CallbackServerContext& context, RangeReader ranges);
  // Used by calls, which end before the service does.
  RangeReader::Open opener() const;
  Result<ServedFile> open(const FileRange& range) const;
  // The part of a download that goes on; `whole` says why there is no whole file.
  Result<ServedFile> open_part(const FileRange& range, const Error& whole) const;

  SharedFolder* const folder_;
  const SystemClock clock_;
  Uploads uploads_;
};

}  // namespace trueque
