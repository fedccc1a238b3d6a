// Threads that come when there is work and go when there has been none for a
// while; a task never waits behind another. Any thread may call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace trueque {

class WorkerThreads {
 public:
  explicit WorkerThreads(std::chrono::milliseconds linger = std::chrono::seconds(5))
      : linger_(linger) {}
  ~WorkerThreads() { join(); }
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  // Starts `task` now; false when the system gives no further thread, or after
  // join(). A task must not throw.
  bool run(std::function<void()> task);
  // Waits for all tasks to end.
  void join();
  std::size_t thread_count() const;

 private:
  void work();
  // Joins threads that have ended; called with `lock` held.
  void reap();

  const std::chrono::milliseconds linger_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  std::condition_variable ended_one_;
  std::deque<std::function<void()>> tasks_;
  std::size_t idle_ = 0;
  bool closed_ = false;
  std::map<std::thread::id, std::thread> threads_;
  std::vector<std::thread> ended_;
};

}  // namespace trueque
