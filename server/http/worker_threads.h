// Threads that come when there is work and go when there has been none for a while:
// up to so many, with a bounded queue before them. Any thread may call.
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
  struct Limits {
    std::size_t threads = 4;
    std::size_t waiting = 1024;  // tasks that no thread has begun
    std::chrono::milliseconds linger{5'000};
  };

  explicit WorkerThreads(const Limits& limits) : limits_(limits) {}
  ~WorkerThreads() { join(); }
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  // Has `task` done, in the order of asking; false when too many wait, when there is
  // no thread and the system gives none, or after join(). A task must not throw.
  bool run(std::function<void()> task);
  // Waits for all tasks to end.
  void join();
  std::size_t thread_count() const;

 private:
  void work();
  // Starts one more thread where that helps; false when there is none at all.
  bool provide_thread();
  // Joins threads that have ended; called with the mutex held.
  void reap();

  const Limits limits_;
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
