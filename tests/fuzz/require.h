// What a fuzz target checks: a promise that is broken ends the program.
#pragma once

#include <cstdlib>

namespace trueque::testing {

inline void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace trueque::testing
