#include "peer_server/rpc/peer_service.h"

#include "peer_server/rpc/grpc_status.h"

namespace trueque {

OriginalPeerService::OriginalPeerService(const SharedFolder* folder, std::function<void()> on_sent)
    : folder_(folder), on_sent_(std::move(on_sent)) {}

grpc::ServerUnaryReactor* OriginalPeerService::DownloadFile(grpc::CallbackServerContext* context,
                                                            const FileRequest* request,
                                                            DownloadResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Status found = folder_ == nullptr ? Status() : folder_->contains(request->file_name());
  if (found) {
    response->set_message("File " + request->file_name() + " downloaded properly!");
    on_sent_();
  }
  reactor->Finish(found ? grpc::Status::OK : fail_call(*context, found.error()));
  return reactor;
}

}  // namespace trueque
