// A request to stop one operation. Any thread may cancel; the operation asks,
// waits through it, or hooks what must be woken. Cancelling is final.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>

namespace trueque {

class Cancellation {
 public:
  void cancel();
  bool cancelled() const;
  // Returns early when cancelled.
  void wait_for(std::chrono::milliseconds time);

  // While it lives, cancel() also calls `action` (at once when already
  // cancelled). `action` must be quick and must not call back in here.
  class Hook {
   public:
    Hook(Cancellation& owner, std::function<void()> action);
    ~Hook();
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   private:
    Cancellation& owner_;
    std::list<std::function<void()>>::iterator place_;
  };

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;                    // guarded by mutex_
  std::list<std::function<void()>> actions_;  // guarded by mutex_
};

// How an operation waits; tests move a clock instead.
using Waiter = std::function<void(std::chrono::milliseconds, Cancellation&)>;

// A Waiter that really waits.
void wait_in_real_time(std::chrono::milliseconds time, Cancellation& cancellation);

}  // namespace trueque
