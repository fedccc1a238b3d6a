// Fetches of many small files over one channel, a call each: several at once on one
// completion queue, whose thread is the caller's. For what FileBundles leaves.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "peer_client/core/peer_channel.h"
#include "peer_client/rpc/fetch_call.h"

namespace trueque {

class WholeFetches {
 public:
  WholeFetches(const std::shared_ptr<grpc::Channel>& channel, Silence silence);
  ~WholeFetches();
  WholeFetches(const WholeFetches&) = delete;
  WholeFetches& operator=(const WholeFetches&) = delete;

  // As PeerChannel::fetch_files. Once.
  void run(WholeFiles& files);
  // Any thread. Calls under way, and any to come, end with kCancelled.
  void cancel();

 private:
  struct Call;

  // The next thing gRPC reports; after too long a silence all calls are cut off first.
  bool wait(void*& tag, bool& ok);
  void cut_off();
  void start_more(WholeFiles& files);
  void start(Call& call, const WholeFile& file);
  void go_on(Call& call, bool ok);
  void take_chunk(Call& call);
  void finish(Call& call);
  void tell(Call& call, WholeFiles& files);
  Status verdict(const Call& call) const;
  bool cancelled() const;

  const std::unique_ptr<trueque::v1::FileTransfer::Stub> stub_;
  const Silence silence_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> idle_;
  std::uint64_t bytes_ = 0;             // under way
  bool over_ = false;                   // no other file is wanted
  bool heard_ = false;                  // something came
  bool silent_ = false;                 // the peer was, for too long
  std::optional<WholeFile> held_back_;  // until there is room for it

  mutable std::mutex mutex_;  // guards the next one, and the life of contexts
  bool cancelled_ = false;
};

}  // namespace trueque
