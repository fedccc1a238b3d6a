#include "server/http/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace trueque {

Mailbox::Mailbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Mailbox::post(Letter letter) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = letters_.empty();
    letters_.push_back(std::move(letter));
  }
  if (first) wake();
}

void Mailbox::wake() {
  const std::uint64_t one = 1;
  // Fails only when it is readable already.
  static_cast<void>(::write(event_.get(), &one, sizeof one) < 0);
}

std::vector<Mailbox::Letter> Mailbox::collect() {
  std::uint64_t count = 0;
  static_cast<void>(::read(event_.get(), &count, sizeof count) < 0);
  const std::lock_guard lock(mutex_);
  return std::exchange(letters_, {});
}

}  // namespace trueque
