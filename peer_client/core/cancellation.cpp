#include "peer_client/core/cancellation.h"

#include <utility>

namespace trueque {

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(cancelled_, true)) return;
  for (const auto& action : actions_) action();
  changed_.notify_all();
}

bool Cancellation::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void Cancellation::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return cancelled_; });
}

Cancellation::Hook::Hook(Cancellation& owner, std::function<void()> action) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  place_ = owner_.actions_.insert(owner_.actions_.end(), std::move(action));
  if (owner_.cancelled_) (*place_)();
}

Cancellation::Hook::~Hook() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.actions_.erase(place_);
}

void wait_in_real_time(std::chrono::milliseconds time, Cancellation& cancellation) {
  cancellation.wait_for(time);
}

}  // namespace trueque
