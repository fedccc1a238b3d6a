// One Fetch over a completion queue of its own, so that a peer that falls silent
// is noticed without a second thread.
#pragma once

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
  Status run(trueque::v1::FileTransfer::Stub& stub, const trueque::v1::FetchRequest& request,
             const PeerChannel::Sink& sink);

 private:
  // Waits for the operation that is under way. `deadline` is when silence is
  // enough: then the call is cancelled and timed_out_ set.
  bool wait(std::chrono::system_clock::time_point deadline);
  Status read_all(const PeerChannel::Sink& sink);
  grpc::Status finish();
  std::chrono::system_clock::time_point idle_deadline() const;

  grpc::ClientContext& context_;
  std::chrono::milliseconds idle_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<trueque::v1::Chunk>> reader_;
  std::uint64_t missing_ = 0;  // bytes still to come
  bool timed_out_ = false;
};

}  // namespace trueque
