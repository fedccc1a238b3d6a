#include "server/cli/new_password.h"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "common/base/files.h"

namespace trueque {
namespace {

// Keeps what is typed off the terminal while it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::optional<std::string> ask(const char* prompt) {
  std::cerr << prompt << std::flush;
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  std::cerr << "\n";
  return read ? std::optional(line) : std::nullopt;
}

Result<std::string> ask_twice() {
  const SilentTerminal silence;
  const std::optional<std::string> first = ask("New password: ");
  const std::optional<std::string> second = first ? ask("The same again: ") : std::nullopt;
  if (!second) return make_error(Code::kInvalidArgument, "no password was typed");
  if (*first != *second)
    return make_error(Code::kFailedPrecondition, "the two passwords differ; try again");
  return *first;
}

}  // namespace

Result<std::string> new_password(const std::optional<std::string>& file) {
  if (file) {
    Result<std::string> content = read_file(*file);
    if (content && content->ends_with('\n')) content->pop_back();
    return content;
  }
  if (const char* value = std::getenv("TRUEQUE_PASSWORD"); value != nullptr) return {value};
  if (::isatty(STDIN_FILENO) == 1) return ask_twice();
  return make_error(Code::kInvalidArgument,
                    "there is no terminal to ask for the password on; give --password-file or set "
                    "TRUEQUE_PASSWORD");
}

}  // namespace trueque
