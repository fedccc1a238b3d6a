#include "peer_client/rpc/grpc_peer_channel.h"

#include <algorithm>

#include "common/base/address.h"
#include "peer_client/rpc/fetch_call.h"
#include "peer_client/rpc/file_bundles.h"
#include "peer_client/rpc/file_info.h"
#include "peer_client/rpc/status_table.h"
#include "peer_client/rpc/whole_fetches.h"
#include "peer_service.grpc.pb.h"

namespace trueque {
namespace {

// Room for the piece hashes of 14 TiB, and for any chunk a peer may send.
constexpr int kMaxMessageBytes = 8 * 1024 * 1024;
// What may be under way before we take it; more only costs memory.
constexpr int kWindowBytes = 4 * 1024 * 1024;
constexpr int kFrameBytes = 1024 * 1024;
constexpr std::size_t kMaxSentenceBytes = 4096;
// A peer that has not sent any of many files yet is not waited for as long as one that has.
constexpr std::chrono::milliseconds kFirstAnswer{8'000};

std::string raw(const ContentId& content) {
  return {reinterpret_cast<const char*>(content.bytes.data()), content.bytes.size()};
}

grpc::ChannelArguments channel_arguments(const GrpcChannelLimits& limits) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Also the time gRPC gives a connection attempt.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, static_cast<int>(limits.connect.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  // With the 16 KiB a frame has by default a chunk is written in many small portions.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kFrameBytes);
  // Plain messages only: a small compressed one could stand for a huge one.
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1);
  return arguments;
}

// Files that were asked for already, then what else is wanted.
class FilesLeft final : public WholeFiles {
 public:
  // `files` outlives it.
  FilesLeft(std::vector<WholeFile> left, WholeFiles& files)
      : left_(std::move(left)), files_(files) {}

  std::optional<WholeFile> next() override {
    return given_ < left_.size() ? std::optional(left_[given_++]) : files_.next();
  }
  void arrived(const WholeFile& file, std::span<const std::uint8_t> bytes) override {
    files_.arrived(file, bytes);
  }
  void failed(const WholeFile& file, const Error& error) override { files_.failed(file, error); }

 private:
  const std::vector<WholeFile> left_;
  std::size_t given_ = 0;
  WholeFiles& files_;
};

}  // namespace

std::string grpc_target(const PeerEndpoint& endpoint) {
  const std::string address = host_and_port(endpoint.ip, endpoint.port);
  if (is_ipv6(endpoint.ip)) return "ipv6:" + address;
  const bool numeric = endpoint.ip.find_first_not_of("0123456789.") == std::string::npos;
  return (numeric ? "ipv4:" : "dns:///") + address;
}

class GrpcPeerChannel::RunningCall {
 public:
  explicit RunningCall(GrpcPeerChannel& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_ = &context_;
    if (owner_.cancelled_) context_.TryCancel();
  }
  ~RunningCall() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_ = nullptr;
  }
  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;

  grpc::ClientContext& context() { return context_; }
  void set_time_limit(std::chrono::milliseconds limit) {
    context_.set_deadline(std::chrono::system_clock::now() + limit);
  }
  bool cancelled() const {
    const std::lock_guard lock(owner_.mutex_);
    return owner_.cancelled_;
  }
  // What a failed call means: ours to cancel, or the peer's own error.
  Error error(const grpc::Status& status) const {
    if (cancelled()) return make_error(Code::kCancelled, "interrupted");
    return error_from_status(status, context_);
  }

 private:
  GrpcPeerChannel& owner_;
  grpc::ClientContext context_;
};

GrpcPeerChannel::GrpcPeerChannel(const PeerEndpoint& endpoint, const GrpcChannelLimits& limits)
    : channel_(grpc::CreateCustomChannel(grpc_target(endpoint), grpc::InsecureChannelCredentials(),
                                         channel_arguments(limits))),
      limits_(limits) {}

Result<RemoteFile> GrpcPeerChannel::stat(const ContentId& content) {
  RunningCall call(*this);
  call.set_time_limit(limits_.connect + limits_.idle);
  const auto stub = trueque::v1::FileTransfer::NewStub(channel_);
  trueque::v1::StatRequest request;
  request.set_content_id(raw(content));
  trueque::v1::FileInfo info;
  const grpc::Status status = stub->Stat(&call.context(), request, &info);
  if (!status.ok()) return call.error(status);
  return read_file_info(info);
}

Status GrpcPeerChannel::fetch(const ContentId& content, std::uint64_t offset, std::uint64_t length,
                              const Sink& sink) {
  RunningCall call(*this);
  trueque::v1::FetchRequest request;
  request.set_content_id(raw(content));
  request.set_offset(offset);
  request.set_length(length);
  FetchCall fetch(call.context(), limits_.idle);
  fetch.begin(channel_, request);
  Status status = fetch.run(sink);
  if (!status && call.cancelled()) return make_error(Code::kCancelled, "interrupted");
  return status;
}

// Makes cancel() reach what fetches many files, for as long as it lives.
class GrpcPeerChannel::RunningFetches {
 public:
  RunningFetches(GrpcPeerChannel& owner, std::function<void()> cancel) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.cancelled_) cancel();
    owner_.cancel_fetches_ = std::move(cancel);
  }
  ~RunningFetches() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.cancel_fetches_ = nullptr;
  }
  RunningFetches(const RunningFetches&) = delete;
  RunningFetches& operator=(const RunningFetches&) = delete;

 private:
  GrpcPeerChannel& owner_;
};

void GrpcPeerChannel::fetch_files(WholeFiles& files) {
  const auto later = limits_.connect + limits_.idle;
  const Silence silence{std::min<std::chrono::milliseconds>(later, kFirstAnswer), later};
  std::vector<WholeFile> left;
  {
    FileBundles bundles(channel_, silence);
    const RunningFetches running(*this, [&bundles] { bundles.cancel(); });
    left = bundles.run(files);
  }
  FilesLeft others(std::move(left), files);
  WholeFetches fetches(channel_, silence);
  const RunningFetches running(*this, [&fetches] { fetches.cancel(); });
  fetches.run(others);
}

Result<std::string> GrpcPeerChannel::download_message(const std::string& peer_name,
                                                      const std::string& file_name) {
  RunningCall call(*this);
  call.set_time_limit(limits_.connect + limits_.idle);
  const auto stub = PeerService::NewStub(channel_);
  FileRequest request;
  request.set_peer_name(peer_name);
  request.set_file_name(file_name);
  DownloadResponse response;
  const grpc::Status status = stub->DownloadFile(&call.context(), request, &response);
  if (!status.ok()) return call.error(status);
  return response.message().substr(0, kMaxSentenceBytes);
}

void GrpcPeerChannel::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (running_ != nullptr) running_->TryCancel();
  if (cancel_fetches_) cancel_fetches_();
}

std::unique_ptr<PeerChannel> GrpcPeerConnector::connect(const PeerEndpoint& endpoint) {
  return std::make_unique<GrpcPeerChannel>(endpoint, limits_);
}

}  // namespace trueque
