#include "server/core/password_hasher.h"

#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace trueque {
namespace {

constexpr int kNiceness = 10;  // behind the threads that answer requests

Error too_busy() {
  return Error{Code::kUnavailable, "Too many logins at this moment; try again in a second.",
               std::chrono::seconds(1)};
}

Error shutting_down() {
  return Error{Code::kUnavailable, "The directory is shutting down; try again in a few seconds.",
               std::chrono::seconds(5)};
}

}  // namespace

class PasswordHasher::Impl {
 public:
  Impl(HashCost cost, std::size_t threads, std::size_t capacity)
      : cost_(cost), capacity_(std::max<std::size_t>(capacity, 1)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
      threads_.emplace_back([this] { work(); });
    }
  }

  ~Impl() {
    stop();
    for (std::thread& thread : threads_) thread.join();
  }

  void stop() {
    std::deque<Job> dropped;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      dropped.swap(queue_);
    }
    changed_.notify_all();
    for (const Job& job : dropped) job(Fate::kDropped);
  }

  Result<std::string> hash(const std::string& password) const {
    std::array<char, crypto_pwhash_STRBYTES> encoded{};
    if (crypto_pwhash_str_alg(encoded.data(), password.data(), password.size(), cost_.passes,
                              cost_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
      return make_error(Code::kUnavailable, "Not enough memory to hash a password.");
    }
    return std::string(encoded.data());
  }

  // Runs `work` on one of the threads and waits for it.
  template <typename T>
  Result<T> run(std::function<Result<T>()> work) {
    const auto unless_dropped = [work = std::move(work)](Fate fate) -> Result<T> {
      if (fate == Fate::kDropped) return shutting_down();
      return work();
    };
    // Shared: the thread may still be leaving the task when the result is out.
    auto task = std::make_shared<std::packaged_task<Result<T>(Fate)>>(unless_dropped);
    std::future<Result<T>> result = task->get_future();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return shutting_down();
      if (queue_.size() >= capacity_) return too_busy();
      queue_.emplace_back([task](Fate fate) { (*task)(fate); });
    }
    changed_.notify_one();
    return result.get();
  }

 private:
  enum class Fate { kRun, kDropped };
  using Job = std::function<void(Fate)>;

  void work() {
    // Linux applies this to the calling thread alone.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const Job job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      job(Fate::kRun);
      lock.lock();
    }
  }

  const HashCost cost_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;  // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

PasswordHasher::PasswordHasher(HashCost cost, std::size_t threads, std::size_t queue_capacity) {
  // Only fails without a source of randomness, and then nothing here is safe to run.
  if (sodium_init() < 0) std::abort();
  impl_ = std::make_unique<Impl>(cost, threads, queue_capacity);
}

PasswordHasher::~PasswordHasher() = default;

void PasswordHasher::stop() { impl_->stop(); }

Result<std::string> PasswordHasher::hash(const std::string& password) {
  return impl_->run<std::string>([&] { return impl_->hash(password); });
}

Result<bool> PasswordHasher::verify(const std::string& encoded, const std::string& password) {
  return impl_->run<bool>([&]() -> Result<bool> {
    return crypto_pwhash_str_verify(encoded.c_str(), password.data(), password.size()) == 0;
  });
}

Status PasswordHasher::verify_nothing(const std::string& password) {
  // Hashing is the same work as verifying.
  const Result<std::string> outcome = hash(password);
  return outcome.ok() ? Status() : Status(outcome.error());
}

}  // namespace trueque
