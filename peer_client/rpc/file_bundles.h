// Fetches of many small files over one channel, many to a call (FetchMany). The next call
// is under way before the bytes of one are read, so that the peer always has something to
// send. A bundle begins small and grows while the peer is quick with it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "peer_client/core/peer_channel.h"
#include "peer_client/rpc/fetch_call.h"

namespace trueque {

class FileBundles {
 public:
  FileBundles(std::shared_ptr<grpc::Channel> channel, Silence silence);
  ~FileBundles();
  FileBundles(const FileBundles&) = delete;
  FileBundles& operator=(const FileBundles&) = delete;

  // As PeerChannel::fetch_files, but for the files it gives back, of which nobody was told:
  // all when the peer knows no FetchMany, those that came after one the peer does not have,
  // and those of size 0. Once.
  std::vector<WholeFile> run(WholeFiles& files);
  // Any thread. Calls under way, and any to come, end with kCancelled.
  void cancel();

 private:
  class Bundle;
  using BundlePtr = std::unique_ptr<Bundle>;

  // Null when no other file is wanted.
  BundlePtr begin_next(WholeFiles& files, std::uint64_t ahead);
  std::vector<WholeFile> choose(WholeFiles& files);
  Status receive(Bundle& bundle, WholeFiles& files);
  void leave_rest_of(const Bundle& bundle, const Error& error, WholeFiles& files);
  void give_up(BundlePtr current, BundlePtr next, const Error& error, WholeFiles& files);
  void adapt(std::chrono::steady_clock::duration took);
  std::chrono::milliseconds patience() const;
  bool cancelled() const;

  const std::shared_ptr<grpc::Channel> channel_;
  const Silence silence_;
  std::size_t files_in_bundle_;
  std::optional<WholeFile> held_back_;  // until the next bundle
  std::vector<WholeFile> left_;
  bool known_ = false;  // the peer knows FetchMany, or fails in another way
  bool over_ = false;   // no other file is wanted

  mutable std::mutex mutex_;  // guards the next two, and the life of contexts
  std::set<grpc::ClientContext*> running_;
  bool cancelled_ = false;
};

}  // namespace trueque
