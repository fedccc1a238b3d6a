#include "server/http/worker_threads.h"

#include <system_error>

namespace trueque {

bool WorkerThreads::run(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  reap();
  if (closed_ || tasks_.size() >= limits_.waiting || !provide_thread()) return false;
  tasks_.push_back(std::move(task));
  wake_.notify_one();
  return true;
}

bool WorkerThreads::provide_thread() {
  if (idle_ > tasks_.size() || threads_.size() >= limits_.threads) return true;
  try {
    std::thread thread([this] { work(); });
    const std::thread::id id = thread.get_id();
    threads_.emplace(id, std::move(thread));
  } catch (const std::system_error&) {
    return !threads_.empty();
  }
  return true;
}

void WorkerThreads::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool woken =
        wake_.wait_for(lock, limits_.linger, [this] { return !tasks_.empty() || closed_; });
    --idle_;
    if (!woken || tasks_.empty()) break;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
  const auto self = threads_.find(std::this_thread::get_id());
  ended_.push_back(std::move(self->second));
  threads_.erase(self);
  ended_one_.notify_all();
}

void WorkerThreads::reap() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
}

void WorkerThreads::join() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  wake_.notify_all();
  ended_one_.wait(lock, [this] { return threads_.empty(); });
  std::vector<std::thread> ended = std::move(ended_);
  ended_.clear();
  lock.unlock();
  for (std::thread& thread : ended) thread.join();
}

std::size_t WorkerThreads::thread_count() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

}  // namespace trueque
