#include "peer_server/rpc/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

namespace trueque {
namespace {

constexpr std::size_t kQuotaBytes = 24UL * 1024 * 1024;  // gRPC's own buffers, all calls
constexpr int kMaxRequestBytes = 64 * 1024;
constexpr int kMaxStreamsPerConnection = 100;
// What a connection keeps ready to read into; requests are small.
constexpr int kReadBytes = 1024;
constexpr int kMaxReadBytes = 16 * 1024;
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
  builder.AddChannelArgument(GRPC_ARG_TCP_READ_CHUNK_SIZE, kReadBytes);
  builder.AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kMaxReadBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
}

}  // namespace

RpcServer::RpcServer(SharedFolder* folder, const UploadLimits& limits,
                     std::function<void()> on_sent, std::size_t most_connections)
    : files_(folder, limits,
             [this](const std::string& address, std::uint16_t from) {
               doorman_.hang_up(address, from);
             }),
      original_(folder, std::move(on_sent)),
      doorman_(most_connections, clock_, [this](UniqueFd connection) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters handed;
        handed.fd = connection.release();
        acceptor_->HandleNewConnection(&handed);
      }) {}

RpcServer::~RpcServer() { stop(std::chrono::milliseconds(0)); }

Result<std::uint16_t> RpcServer::start(const std::string& host, std::uint16_t port) {
  const Result<std::uint16_t> chosen = doorman_.listen(host, port);
  if (!chosen) return chosen.error();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  set_limits(builder);
  using Kind = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      Kind::FROM_FD, grpc::InsecureServerCredentials());
  builder.RegisterService(&files_);
  builder.RegisterService(&original_);
  server_ = builder.BuildAndStart();
  if (!server_) return make_error(Code::kInternal, "gRPC does not start");
  for (const char* service : {"PeerService", "trueque.v1.FileTransfer"})
    server_->GetHealthCheckService()->SetServingStatus(service, true);
  doorman_.start();
  return chosen;
}

void RpcServer::stop(std::chrono::milliseconds grace) {
  doorman_.stop();
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  server_.reset();
}

}  // namespace trueque
