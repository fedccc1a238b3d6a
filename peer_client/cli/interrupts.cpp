#include "peer_client/cli/interrupts.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "common/base/exit_code.h"

namespace trueque {

Interrupts::Interrupts(std::function<void(int)> end_now)
    : end_now_(std::move(end_now)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Interrupts::deliver(int signal) {
  const int code = to_int(signal == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted);
  bool now = false;
  {
    const std::lock_guard lock(mutex_);
    if (operation_ != nullptr && !operation_->cancelled()) {
      // Ctrl-C stops the operation alone; SIGTERM means the program.
      if (signal == SIGTERM) exit_code_ = code;
      operation_->cancel();
    } else if (operation_ == nullptr && orderly_ && exit_code_ == 0) {
      exit_code_ = code;
      ::eventfd_write(wake_.get(), 1);
    } else {
      now = true;
    }
  }
  if (now) end_now_(code);
}

int Interrupts::exit_code() const {
  const std::lock_guard lock(mutex_);
  return exit_code_;
}

bool Interrupts::set_orderly(bool orderly) {
  const std::lock_guard lock(mutex_);
  return std::exchange(orderly_, orderly);
}

Interrupts::Operation::Operation(Interrupts& owner) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  owner_.operation_ = &cancellation_;
  if (owner_.exit_code_ != 0) cancellation_.cancel();
}

Interrupts::Operation::~Operation() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.operation_ = nullptr;
}

}  // namespace trueque
