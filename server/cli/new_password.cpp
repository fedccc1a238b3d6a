#include "server/cli/new_password.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "common/base/files.h"
#include "common/base/silent_terminal.h"

namespace trueque {
namespace {

std::optional<std::string> ask(const char* prompt) {
  std::cerr << prompt << std::flush;
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  return read ? std::optional(line) : std::nullopt;
}

Result<std::string> ask_twice() {
  const SilentTerminal silence(STDIN_FILENO);
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
