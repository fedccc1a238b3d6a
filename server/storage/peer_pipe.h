// Carries peers from the thread that reads them to the one that indexes them, so that both
// work at once; holds 50,000 files or a single larger peer. One thread at each end.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "server/storage/state_document.h"

namespace trueque {

class PeerPipe {
 public:
  // Waits while it is full.
  void put(LoadedPeer&& peer);
  void close();
  // Waits for the next; nothing when it is closed and empty.
  std::optional<LoadedPeer> take();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LoadedPeer> peers_;  // all guarded by mutex_
  std::size_t files_ = 0;
  bool closed_ = false;
};

}  // namespace trueque
