// Runs slow questions aside, so that whoever asked may leave without waiting for the
// answer: a directory that hangs must not hold up a download that is through.
//
// A job refers only to what outlives the Aside, and to what it shares the ownership of.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace trueque {

// Hands over a job; tests run it at once.
using RunAside = std::function<void(std::function<void()> job)>;

// One thread, one job after another. Any thread may call run().
class Aside {
 public:
  Aside();
  // Waits for the job under way; those behind it are not begun.
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  void run(std::function<void()> job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  bool ending_ = false;                     // guarded by mutex_
  std::thread thread_;
};

}  // namespace trueque
