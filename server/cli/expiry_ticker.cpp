#include "server/cli/expiry_ticker.h"

#include <chrono>
#include <exception>

#include "common/base/address.h"

namespace trueque {

ExpiryTicker::ExpiryTicker(Directory& directory, const Log& log)
    : directory_(directory), log_(log), thread_([this] { run(); }) {}

ExpiryTicker::~ExpiryTicker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ExpiryTicker::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stopping_; })) {
    lock.unlock();
    try {
      tick();
    } catch (const std::exception& failure) {
      log_.error("expiry_failed", {{"reason", failure.what()}});
    }
    lock.lock();
  }
}

void ExpiryTicker::tick() {
  const Result<std::vector<PeerKey>> gone = directory_.expire();
  if (!gone) {
    // Said once, not twice a second.
    if (!failing_) log_.error("expiry_failed", {{"reason", gone.error().message}});
    failing_ = true;
    return;
  }
  failing_ = false;
  for (const PeerKey& peer : *gone)
    log_.info("expired", {{"user", peer.username}, {"peer", host_and_port(peer.ip, peer.port)}});
}

}  // namespace trueque
