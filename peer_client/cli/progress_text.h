// How progress reads, in figures and as one row of a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trueque {

using Figures = std::vector<std::string>;

// "45 %", "1.0 MiB of 2.3 MiB", "80.0 MiB/s", "7 s left"; `rate` in bytes a second.
Figures progress_figures(std::uint64_t done, std::uint64_t total, double rate);
// "45 %  1.0 MiB of 2.3 MiB"
std::string in_a_row(const Figures& figures);

struct ProgressRow {
  std::string label;  // printable
  Figures figures;    // the first tells most
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::size_t least_label = 12;  // columns of it that the bar and figures give way to
};

// The label, a bar where there is room for one, and the figures, on a terminal `width`
// columns wide: with little room fewer figures, so that something of the label is seen.
std::string progress_row(const ProgressRow& row, std::size_t width, bool color);

}  // namespace trueque
