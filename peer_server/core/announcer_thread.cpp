#include "peer_server/core/announcer_thread.h"

#include <exception>

namespace trueque {

AnnouncerThread::AnnouncerThread(Announcer& announcer, const Clock& clock, const Log& log)
    : announcer_(announcer), clock_(clock), log_(log) {}

void AnnouncerThread::start() {
  thread_ = std::thread([this] { run(); });
}

AnnouncerThread::~AnnouncerThread() {
  if (!thread_.joinable()) return;
  stop(std::chrono::milliseconds(0));
  thread_.join();
}

void AnnouncerThread::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

bool AnnouncerThread::stop(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, limit, [this] { return over_; });
}

void AnnouncerThread::run() {
  try {
    work();
    announcer_.log_out();
  } catch (const std::exception& failure) {
    log_.error("announcer_ended",
               {{"reason", failure.what()}, {"note", "restart the peer-server"}});
  }
  const std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
}

void AnnouncerThread::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    woken_ = false;
    lock.unlock();
    const Clock::Steady next = announcer_.step();
    const auto wait = next - clock_.steady();
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return stop_ || woken_; });
  }
}

}  // namespace trueque
