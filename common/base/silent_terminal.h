// Keeps what is typed off a terminal while it lives: for passwords.
#pragma once

#include <termios.h>

namespace trueque {

// One at a time. The terminal shows again what is typed when it goes, and also when one of
// the signals that end a program by themselves (Ctrl-\ sends SIGQUIT) ends this one.
class SilentTerminal {
 public:
  // Nothing happens where `fd` is no terminal.
  explicit SilentTerminal(int fd);
  ~SilentTerminal();
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  int fd_;
  bool active_ = false;
  termios before_{};
};

}  // namespace trueque
