#include "peer_server/rpc/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "common/base/address.h"

namespace trueque {
namespace {

constexpr std::size_t kQuotaBytes = 24UL * 1024 * 1024;  // gRPC's own buffers, all calls
constexpr int kMaxRequestBytes = 64 * 1024;
constexpr int kMaxStreamsPerConnection = 100;
constexpr int kIdleMilliseconds = 15 * 60 * 1000;
constexpr int kKeepaliveMilliseconds = 60 * 1000;

void set_limits(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("peer-server");
  quota.Resize(kQuotaBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  // Only reflection is answered by threads of this kind.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
}

}  // namespace

RpcServer::RpcServer(SharedFolder* folder, const UploadLimits& limits,
                     std::function<void()> on_sent)
    : files_(folder, limits), original_(folder, std::move(on_sent)) {}

RpcServer::~RpcServer() { stop(std::chrono::milliseconds(0)); }

Result<std::uint16_t> RpcServer::start(const std::string& host, std::uint16_t port) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  set_limits(builder);
  const std::string address = host_and_port(host, port);
  int chosen = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &chosen);
  builder.RegisterService(&files_);
  builder.RegisterService(&original_);
  server_ = builder.BuildAndStart();
  if (!server_ || chosen <= 0) {
    server_.reset();
    return make_error(Code::kUnavailable,
                      "cannot listen on " + address +
                          ": the port is in use or the address is not this machine's; "
                          "choose another with --port or --host");
  }
  for (const char* service : {"PeerService", "trueque.v1.FileTransfer"})
    server_->GetHealthCheckService()->SetServingStatus(service, true);
  return static_cast<std::uint16_t>(chosen);
}

void RpcServer::stop(std::chrono::milliseconds grace) {
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  server_.reset();
}

}  // namespace trueque
