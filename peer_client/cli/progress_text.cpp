#include "peer_client/cli/progress_text.h"

#include <algorithm>

#include "common/base/columns.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

constexpr std::size_t kBarWidth = 20;

std::string bar(std::uint64_t done, std::uint64_t total, bool color) {
  const double part = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = std::min(static_cast<std::size_t>(part * kBarWidth), kBarWidth);
  const std::string full(filled, '#');
  const std::string empty(kBarWidth - filled, '.');
  if (!color) return "[" + full + empty + "]";
  return "[\x1b[32m" + full + "\x1b[0m" + empty + "]";
}

}  // namespace

Figures progress_figures(std::uint64_t done, std::uint64_t total, double rate) {
  const double percent =
      total == 0 ? 100.0 : static_cast<double>(done) * 100 / static_cast<double>(total);
  Figures figures = {std::to_string(static_cast<int>(percent)) + " %",
                     human_size(done) + " of " + human_size(total), human_rate(rate)};
  if (rate <= 0) return figures;
  const double left = static_cast<double>(total - std::min(done, total)) / rate;
  constexpr double kLongest = 360000;  // 100 hours
  if (left < kLongest)
    figures.push_back(human_duration(std::chrono::seconds(static_cast<long long>(left))) + " left");
  return figures;
}

std::string in_a_row(const Figures& figures) {
  std::string text;
  for (const std::string& figure : figures) text += (text.empty() ? "" : "  ") + figure;
  return text;
}

std::string progress_row(const ProgressRow& row, std::size_t width, bool color) {
  // The last column stays free: a terminal may begin a new line there.
  const std::size_t most = std::max<std::size_t>(width, 2) - 1;
  const std::size_t least_label = std::min(columns(row.label), row.least_label);
  Figures shown = row.figures;
  while (shown.size() > 1 && least_label + 1 + columns(in_a_row(shown)) > most) shown.pop_back();
  const std::string figures = in_a_row(shown);
  const std::size_t taken = columns(figures) + 1;
  if (taken >= most) return shortened(figures, most);
  std::size_t room = most - taken;
  std::string text;
  if (shown.size() == row.figures.size() && room >= kBarWidth + 3 + least_label) {
    text = bar(row.done, row.total, color) + " ";
    room -= kBarWidth + 3;
  }
  return shortened(row.label, room) + " " + text + figures;
}

}  // namespace trueque
