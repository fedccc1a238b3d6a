// How progress reads, in figures and as one row of a terminal.
#pragma once

#include <cstdint>
#include <string>

namespace trueque {

// "45 %  1.0 MiB of 2.3 MiB  80.0 MiB/s  7 s left"; `rate` in bytes a second.
std::string progress_figures(std::uint64_t done, std::uint64_t total, double rate);

struct ProgressRow {
  std::string label;  // printable
  std::string figures;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

// The label, a bar where there is room for one, and the figures, within the terminal's width.
std::string progress_row(const ProgressRow& row, bool color);

}  // namespace trueque
