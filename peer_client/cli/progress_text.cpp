#include "peer_client/cli/progress_text.h"

#include <algorithm>

#include "peer_client/cli/console.h"
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

std::string progress_figures(std::uint64_t done, std::uint64_t total, double rate) {
  const double percent =
      total == 0 ? 100.0 : static_cast<double>(done) * 100 / static_cast<double>(total);
  std::string text = std::to_string(static_cast<int>(percent)) + " %  " + human_size(done) +
                     " of " + human_size(total) + "  " + human_rate(rate);
  if (rate <= 0) return text;
  const double left = static_cast<double>(total - std::min(done, total)) / rate;
  constexpr double kLongest = 360000;  // 100 hours
  if (left < kLongest)
    text += "  " + human_duration(std::chrono::seconds(static_cast<long long>(left))) + " left";
  return text;
}

std::string progress_row(const ProgressRow& row, bool color) {
  // The last column stays free: a terminal may begin a new line there.
  const std::size_t width = std::max<std::size_t>(terminal_width(), 2) - 1;
  const std::size_t figures = row.figures.size();
  std::size_t room = width > figures + 1 ? width - figures - 1 : 0;
  std::string text;
  if (room > kBarWidth + 12) {
    text = bar(row.done, row.total, color) + " ";
    room -= kBarWidth + 3;
  }
  const std::string name = room >= 4 ? shortened(row.label, room) + " " : "";
  return name + text + row.figures.substr(0, width);
}

}  // namespace trueque
