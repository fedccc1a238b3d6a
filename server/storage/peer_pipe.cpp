#include "server/storage/peer_pipe.h"

namespace trueque {
namespace {

constexpr std::size_t kMostFiles = 50'000;
constexpr std::size_t kMostPeers = 1'000;

}  // namespace

void PeerPipe::put(LoadedPeer&& peer) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return files_ < kMostFiles && peers_.size() < kMostPeers; });
  files_ += peer.files.size();
  peers_.push_back(std::move(peer));
  changed_.notify_all();
}

void PeerPipe::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::optional<LoadedPeer> PeerPipe::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !peers_.empty(); });
  if (peers_.empty()) return std::nullopt;
  LoadedPeer peer = std::move(peers_.front());
  peers_.pop_front();
  files_ -= peer.files.size();
  changed_.notify_all();
  return peer;
}

}  // namespace trueque
