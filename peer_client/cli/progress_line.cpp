#include "peer_client/cli/progress_line.h"

#include <algorithm>

#include "common/base/text.h"
#include "peer_client/cli/console.h"
#include "peer_client/cli/progress_text.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{5};
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

void ProgressLine::draw() {
  const Figures figures = progress_figures(done_, total_, rate());
  if (!terminal_) {
    stream_ << label_ << ": " << in_a_row(figures) << std::endl;
    return;
  }
  stream_ << "\r\x1b[K" << progress_row({label_, figures, done_, total_}, terminal_width(), color_)
          << std::flush;
  drawn_ = true;
}

void ProgressLine::clear() {
  if (!drawn_) return;
  stream_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace trueque
