// The original's PeerService: answers with a sentence and moves no bytes.
// gRPC calls it from any thread.
#pragma once

#include <functional>

#include "peer_server/core/shared_folder.h"
#include "peer_service.grpc.pb.h"

namespace trueque {

class OriginalPeerService final
    : public PeerService::WithCallbackMethod_DownloadFile<PeerService::Service> {
 public:
  // With no `folder` every name is answered; `on_sent` is called for each answer.
  OriginalPeerService(const SharedFolder* folder, std::function<void()> on_sent);

  grpc::ServerUnaryReactor* DownloadFile(grpc::CallbackServerContext* context,
                                         const FileRequest* request,
                                         DownloadResponse* response) override;

 private:
  const SharedFolder* const folder_;
  const std::function<void()> on_sent_;
};

}  // namespace trueque
