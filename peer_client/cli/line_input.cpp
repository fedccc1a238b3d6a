#include "peer_client/cli/line_input.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/base/silent_terminal.h"

namespace trueque {
Line TerminalInput::ask(std::ostream& out, std::string_view prompt, bool secret) {
  std::optional<SilentTerminal> silent;
  if (secret) silent.emplace(fd_);
  out << prompt << std::flush;
  const bool before = interrupts_.set_orderly(true);
  Line line = read_until_newline();
  interrupts_.set_orderly(before);
  return line;
}

Line TerminalInput::read_until_newline() {
  Line line;
  while (interrupts_.exit_code() == 0) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      line.text = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.text.ends_with('\r')) line.text.pop_back();
      return line;
    }
    if (!fill(line)) return line;
  }
  line.kind = Line::Kind::kInterrupted;
  return line;
}

bool TerminalInput::fill(Line& line) {
  std::array<pollfd, 2> waiting = {pollfd{fd_, POLLIN, 0},
                                   pollfd{interrupts_.wake_fd(), POLLIN, 0}};
  if (::poll(waiting.data(), waiting.size(), -1) < 0) return true;
  if (waiting[1].revents != 0) {
    line.kind = Line::Kind::kInterrupted;
    return false;
  }
  std::array<char, 4096> bytes;
  const ssize_t got = ::read(fd_, bytes.data(), bytes.size());
  if (got > 0) {
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
  if (got < 0 && errno == EINTR) return true;
  // The end; a last line without its newline is a line.
  line.text = std::exchange(buffer_, {});
  line.kind = line.text.empty() ? Line::Kind::kEnd : Line::Kind::kText;
  return false;
}

bool TerminalInput::is_terminal() const { return ::isatty(fd_) == 1; }

Line StreamInput::ask(std::ostream& out, std::string_view prompt, bool /*secret*/) {
  out << prompt << std::flush;
  Line line;
  if (!std::getline(stream_, line.text)) line.kind = Line::Kind::kEnd;
  return line;
}

}  // namespace trueque
