// The gRPC server of a peer: both services, health checking and reflection on one
// port, with bounds on what callers can make it hold in memory.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "peer_server/core/shared_folder.h"
#include "peer_server/rpc/doorman.h"
#include "peer_server/rpc/file_transfer_service.h"
#include "peer_server/rpc/peer_service.h"

namespace trueque {

inline constexpr std::size_t kMostConnections = 2'500;

class RpcServer {
 public:
  // `folder` may be null; it must outlive the server. `on_sent` is called from any
  // thread for each answer to the original's DownloadFile.
  // Of more than `most_connections` those of whoever has most have to go.
  RpcServer(SharedFolder* folder, const UploadLimits& limits, std::function<void()> on_sent,
            std::size_t most_connections = kMostConnections);
  ~RpcServer();  // stops at once
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // Serves on `host`:`port` (0 lets the system choose) and gives the port.
  // kAlreadyExists when the port is in use, kUnavailable when the host is not this machine's.
  Result<std::uint16_t> start(const std::string& host, std::uint16_t port);
  // Takes no more calls; those still running after `grace` are cancelled. Returns
  // when all are over.
  void stop(std::chrono::milliseconds grace);

 private:
  FileTransferService files_;
  OriginalPeerService original_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  SystemClock clock_;
  Doorman doorman_;
};

}  // namespace trueque
