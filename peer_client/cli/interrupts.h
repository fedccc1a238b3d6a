// What SIGINT and SIGTERM do: stop the operation that runs, wake the prompt, or
// end the program. One thread delivers (main's), the person's thread asks.
#pragma once

#include <functional>
#include <mutex>

#include "common/base/files.h"
#include "peer_client/core/cancellation.h"

namespace trueque {

class Interrupts {
 public:
  // `end_now` ends the process with an exit code, from the delivering thread.
  explicit Interrupts(std::function<void(int)> end_now);

  // A signal has come.
  void deliver(int signal);

  // The exit code (130, 143) the program is to end with soon; 0 for none.
  int exit_code() const;

  // While it lives, a signal cancels it instead; a second one ends the program.
  class Operation {
   public:
    explicit Operation(Interrupts& owner);
    ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    Cancellation& cancellation() { return cancellation_; }

   private:
    Interrupts& owner_;
    Cancellation cancellation_;
  };

  // While orderly, the program ends by itself once wake_fd() is readable.
  // Returns what it was before.
  bool set_orderly(bool orderly);
  int wake_fd() const { return wake_.get(); }

 private:
  std::function<void(int)> end_now_;
  UniqueFd wake_;
  mutable std::mutex mutex_;
  Cancellation* operation_ = nullptr;  // guarded by mutex_
  bool orderly_ = false;               // guarded by mutex_
  int exit_code_ = 0;                  // guarded by mutex_
};

}  // namespace trueque
