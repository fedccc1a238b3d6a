// One Fetch or FetchMany over a completion queue of its own, so that a peer that falls
// silent is noticed without a second thread. Chunks are taken as the raw messages they
// arrive in, and their bytes handed on without being copied.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "peer_client/core/peer_channel.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque {

// How long nothing at all may arrive of many files: before anything did, and after.
struct Silence {
  std::chrono::milliseconds first{0};
  std::chrono::milliseconds later{0};
};

// How long so many bytes of files may take, as a piece may from a source whose speed is not
// known: one that drips is left, however regularly it does.
constexpr std::chrono::milliseconds time_for_files(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = 1024UL * 1024;
  return std::chrono::seconds(20 + 16 * ((bytes + kMiB - 1) / kMiB));
}

class FetchCall {
 public:
  // `context` outlives the call; cancelling it from another thread ends run(). `idle`:
  // how long run() waits while nothing arrives.
  FetchCall(grpc::ClientContext& context, std::chrono::milliseconds idle)
      : context_(context), idle_(idle) {}
  ~FetchCall();
  FetchCall(const FetchCall&) = delete;
  FetchCall& operator=(const FetchCall&) = delete;

  // Sends the request, for `length` bytes in all, and waits for nothing. Once.
  void begin(const std::shared_ptr<grpc::Channel>& channel,
             const trueque::v1::FetchRequest& request);
  void begin(const std::shared_ptr<grpc::Channel>& channel,
             const trueque::v1::FetchManyRequest& request, std::uint64_t length);
  // Takes what comes; errors as those of PeerChannel::fetch. Once, after begin().
  Status run(const PeerChannel::Sink& sink);

 private:
  using Stream = grpc::GenericClientAsyncReaderWriter;

  void begin(const std::shared_ptr<grpc::Channel>& channel, const char* method,
             const google::protobuf::Message& request, std::uint64_t length);
  // Waits for the operation that is under way. `deadline` is when silence is
  // enough: then the call is cancelled and timed_out_ set.
  bool wait(std::chrono::system_clock::time_point deadline);
  Status read_all(const PeerChannel::Sink& sink);
  Status take(grpc::ByteBuffer& message, const PeerChannel::Sink& sink);
  grpc::Status finish();
  std::chrono::system_clock::time_point idle_deadline() const;

  grpc::ClientContext& context_;
  std::chrono::milliseconds idle_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Stream> stream_;
  std::uint64_t missing_ = 0;  // bytes still to come
  bool timed_out_ = false;
};

}  // namespace trueque
