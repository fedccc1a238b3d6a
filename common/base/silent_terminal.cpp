#include "common/base/silent_terminal.h"

#include <array>
#include <csignal>

namespace trueque {
namespace {

constexpr std::array kEndingSignals = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

// A signal handler reaches nothing else: the terminal that is silent now.
int silent_fd = -1;
termios to_restore{};

// Once: the signal's own action comes back before, and then ends the program.
extern "C" void restore_and_end(int number) {
  ::tcsetattr(silent_fd, TCSANOW, &to_restore);
  (void)std::raise(number);
}

void on_ending_signals(void (*from)(int), void (*to)(int)) {
  for (const int number : kEndingSignals) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != from) continue;
    action = {};
    action.sa_handler = to;
    action.sa_flags = to == SIG_DFL ? 0 : static_cast<int>(SA_RESETHAND);
    (void)::sigaction(number, &action, nullptr);
  }
}

}  // namespace

SilentTerminal::SilentTerminal(int fd) : fd_(fd) {
  active_ = ::tcgetattr(fd_, &before_) == 0;
  if (!active_) return;
  silent_fd = fd_;
  to_restore = before_;
  on_ending_signals(SIG_DFL, restore_and_end);
  termios silent = before_;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
  // Drain, not flush: what was typed ahead is the answer.
  ::tcsetattr(fd_, TCSADRAIN, &silent);
}

SilentTerminal::~SilentTerminal() {
  if (!active_) return;
  ::tcsetattr(fd_, TCSADRAIN, &before_);
  on_ending_signals(restore_and_end, SIG_DFL);
}

}  // namespace trueque
