// A peer over gRPC. Connects to exactly the address it is given: no proxy of the
// environment, no connection shared with another channel.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "peer_client/core/peer_channel.h"

namespace trueque {

struct GrpcChannelLimits {
  std::chrono::milliseconds connect{5000};
  // Nothing arriving for so long ends a call.
  std::chrono::milliseconds idle{20000};
};

class GrpcPeerChannel final : public PeerChannel {
 public:
  GrpcPeerChannel(const PeerEndpoint& endpoint, const GrpcChannelLimits& limits);

  Result<RemoteFile> stat(const ContentId& content) override;
  Status fetch(const ContentId& content, std::uint64_t offset, std::uint64_t length,
               const Sink& sink) override;
  void fetch_files(WholeFiles& files) override;
  Result<std::string> download_message(const std::string& peer_name,
                                       const std::string& file_name) override;
  void cancel() override;

 private:
  // Makes a call's context the one cancel() reaches, for as long as it lives.
  class RunningCall;
  class RunningFetches;

  std::shared_ptr<grpc::Channel> channel_;
  GrpcChannelLimits limits_;
  std::mutex mutex_;
  grpc::ClientContext* running_ = nullptr;  // guarded by mutex_
  std::function<void()> cancel_fetches_;    // guarded by mutex_
  bool cancelled_ = false;                  // guarded by mutex_
};

class GrpcPeerConnector final : public PeerConnector {
 public:
  explicit GrpcPeerConnector(GrpcChannelLimits limits = {}) : limits_(limits) {}
  std::unique_ptr<PeerChannel> connect(const PeerEndpoint& endpoint) override;

 private:
  GrpcChannelLimits limits_;
};

// The target gRPC understands for a host name or an address of either kind.
std::string grpc_target(const PeerEndpoint& endpoint);

}  // namespace trueque
