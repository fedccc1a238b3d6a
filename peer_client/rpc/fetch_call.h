// One Fetch over a completion queue of its own, so that a peer that falls silent
// is noticed without a second thread. Chunks are taken as the raw messages they
// arrive in, and their bytes handed on without being copied.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "peer_client/core/peer_channel.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque {

class FetchCall {
 public:
  // `context` outlives the call; cancelling it from another thread ends run().
  FetchCall(grpc::ClientContext& context, std::chrono::milliseconds idle)
      : context_(context), idle_(idle) {}
  ~FetchCall();
  FetchCall(const FetchCall&) = delete;
  FetchCall& operator=(const FetchCall&) = delete;

  // As PeerChannel::fetch. Once.
  Status run(const std::shared_ptr<grpc::Channel>& channel,
             const trueque::v1::FetchRequest& request, const PeerChannel::Sink& sink);

 private:
  using Stream = grpc::ClientAsyncReaderWriter<trueque::v1::FetchRequest, grpc::ByteBuffer>;

  // False when the call ended before the request was out.
  bool send(const trueque::v1::FetchRequest& request);
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
