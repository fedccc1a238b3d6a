// Runs an Announcer on a thread of its own, from start() until stop().
// wake() and stop() may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/base/clock.h"
#include "common/base/logging.h"
#include "peer_server/core/announcer.h"

namespace trueque {

class AnnouncerThread {
 public:
  // References must outlive the thread.
  AnnouncerThread(Announcer& announcer, const Clock& clock, const Log& log);
  ~AnnouncerThread();  // waits, however long the directory takes
  AnnouncerThread(const AnnouncerThread&) = delete;
  AnnouncerThread& operator=(const AnnouncerThread&) = delete;

  // Something changed: the announcer steps soon.
  void wake();
  // Once. Changes may be noted and wake() called before.
  void start();
  // After start(). Logs out. False when that is not over within `limit`; the thread then goes on
  // with it, and the process must end without destroying what it uses.
  bool stop(std::chrono::milliseconds limit);

 private:
  void run();
  void work();

  Announcer& announcer_;
  const Clock& clock_;
  const Log& log_;
  std::mutex mutex_;  // guards the next four
  std::condition_variable changed_;
  bool woken_ = false;
  bool stop_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace trueque
