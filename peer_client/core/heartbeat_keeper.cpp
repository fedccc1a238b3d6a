#include "peer_client/core/heartbeat_keeper.h"

#include <algorithm>

namespace trueque {

HeartbeatKeeper::HeartbeatKeeper(Session& session, std::chrono::milliseconds interval, Lost on_lost)
    : session_(session),
      interval_(interval),
      on_lost_(std::move(on_lost)),
      thread_([this] { run(); }) {}

HeartbeatKeeper::~HeartbeatKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void HeartbeatKeeper::run() {
  // The first one at once: it is what turns a login into a lease.
  do {
    const Result<LeaseTerms> terms = session_.heartbeat();
    if (terms) {
      interval_ = std::max<std::chrono::milliseconds>(terms->heartbeat, std::chrono::seconds(1));
    } else if (terms.error().code == Code::kUnauthenticated ||
               terms.error().code == Code::kNotFound) {
      session_.forget();
      on_lost_(terms.error());
      return;
    }
  } while (pause(interval_));
}

bool HeartbeatKeeper::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace trueque
