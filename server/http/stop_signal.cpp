#include "server/http/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace trueque {

StopSignal::StopSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void StopSignal::raise() {
  since_ = std::chrono::steady_clock::now();
  raised_ = true;
  const std::uint64_t one = 1;
  // Fails only when it is readable already.
  static_cast<void>(::write(event_.get(), &one, sizeof one) < 0);
}

}  // namespace trueque
