// Holds the lease of a session's peer while it lives: one thread that sends a
// heartbeat as often as the directory asks. When the directory says that the
// login is over, the session is forgotten and `on_lost` is called once, from that
// thread. A directory that cannot be reached is asked again later.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "peer_client/core/session.h"

namespace trueque {

class HeartbeatKeeper {
 public:
  using Lost = std::function<void(const Error&)>;

  HeartbeatKeeper(Session& session, std::chrono::milliseconds interval, Lost on_lost);
  // Stops at once, but for a heartbeat on its way.
  ~HeartbeatKeeper();
  HeartbeatKeeper(const HeartbeatKeeper&) = delete;
  HeartbeatKeeper& operator=(const HeartbeatKeeper&) = delete;

 private:
  void run();
  // False when stopping.
  bool pause(std::chrono::milliseconds time);

  Session& session_;
  std::chrono::milliseconds interval_;  // of the thread alone
  Lost on_lost_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace trueque
