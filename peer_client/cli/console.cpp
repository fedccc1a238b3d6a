#include "peer_client/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace trueque {

std::size_t terminal_width() {
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

}  // namespace trueque
