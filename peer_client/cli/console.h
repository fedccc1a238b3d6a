// Where words go, and what the places can show.
#pragma once

#include <ostream>

namespace trueque {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;  // never with NO_COLOR
};

// The columns of the terminal now; 80 when it does not tell.
std::size_t terminal_width();

}  // namespace trueque
