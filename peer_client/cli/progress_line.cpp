#include "peer_client/cli/progress_line.h"

#include <algorithm>

#include "common/base/text.h"
#include "peer_client/cli/console.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{5};
constexpr std::size_t kBarWidth = 20;

std::string bar(std::uint64_t done, std::uint64_t total, bool color) {
  const auto filled = total == 0 ? kBarWidth
                                 : static_cast<std::size_t>(static_cast<double>(done) /
                                                            static_cast<double>(total) * kBarWidth);
  const std::string full(std::min(filled, kBarWidth), '#');
  const std::string empty(kBarWidth - full.size(), '.');
  if (!color) return "[" + full + empty + "]";
  return "[\x1b[32m" + full + "\x1b[0m" + empty + "]";
}

}  // namespace

ProgressLine::ProgressLine(std::ostream& stream, bool terminal, bool color, const Clock& clock,
                           const std::string& label)
    : stream_(stream),
      terminal_(terminal),
      color_(color),
      clock_(clock),
      label_(printable(label)),
      shown_(clock.steady()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::set_label(const std::string& label) {
  label_ = printable(label);
  started_.reset();
}

void ProgressLine::progress(std::uint64_t done, std::uint64_t total) {
  const Clock::Steady now = clock_.steady();
  if (!started_) {
    started_ = now;
    first_done_ = done;
  }
  done_ = done;
  total_ = total;
  const auto pause = terminal_ ? kRedraw : std::chrono::milliseconds(kPlainLine);
  if (now - shown_ < pause) return;
  shown_ = now;
  draw();
}

void ProgressLine::note(const std::string& sentence) {
  clear();
  stream_ << printable(sentence) << std::endl;
}

double ProgressLine::rate() const {
  if (!started_ || done_ <= first_done_) return 0;
  const std::chrono::duration<double> time = clock_.steady() - *started_;
  return static_cast<double>(done_ - first_done_) / std::max(time.count(), 0.001);
}

std::string ProgressLine::describe() const {
  const double speed = rate();
  const auto percent =
      total_ == 0 ? 100.0 : static_cast<double>(done_) * 100 / static_cast<double>(total_);
  std::string text = std::to_string(static_cast<int>(percent)) + " %  " + human_size(done_) +
                     " of " + human_size(total_) + "  " + human_rate(speed);
  if (speed > 0) {
    const double left = static_cast<double>(total_ - std::min(done_, total_)) / speed;
    constexpr double kLongest = 360000;  // 100 hours
    if (left < kLongest)
      text += "  " + human_duration(std::chrono::seconds(static_cast<long long>(left))) + " left";
  }
  return text;
}

void ProgressLine::draw() {
  const std::string figures = describe();
  if (!terminal_) {
    stream_ << label_ << ": " << figures << std::endl;
    return;
  }
  const std::size_t width = terminal_width();
  std::size_t room = width > figures.size() + 2 ? width - figures.size() - 2 : 0;
  std::string line;
  if (room > kBarWidth + 12) {
    line = bar(done_, total_, color_) + " ";
    room -= kBarWidth + 3;
  }
  const std::string name = room >= 4 ? shortened(label_, room) + " " : "";
  stream_ << "\r\x1b[K" << name << line << figures.substr(0, width - 1) << std::flush;
  drawn_ = true;
}

void ProgressLine::clear() {
  if (!drawn_) return;
  stream_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace trueque
