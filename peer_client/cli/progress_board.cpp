#include "peer_client/cli/progress_board.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "common/base/text.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::milliseconds kPlainLine{5000};
constexpr std::size_t kMostRows = 8;

}  // namespace

ProgressBoard::ProgressBoard(const Screen& screen, const Clock& clock, const DownloadQueue& queue)
    : screen_(screen), clock_(clock), queue_(queue), shown_(clock.steady()) {
  for (Item item = 0; item < queue.size(); ++item) total_ += queue.choice(item).size;
  meter_.start(shown_);
}

ProgressBoard::~ProgressBoard() { clear(); }

void ProgressBoard::begun(Item item) {
  Row row;
  row.total = queue_.choice(item).size;
  row.meter.start(clock_.steady());
  rows_.insert_or_assign(item, row);
}

void ProgressBoard::progress(Item item, std::uint64_t done, std::uint64_t total) {
  const auto found = rows_.find(item);
  if (found == rows_.end()) return;
  Row& row = found->second;
  // What an earlier run left is there, but did not arrive now.
  const std::uint64_t arrived = row.shown && done > row.done ? done - row.done : 0;
  done_ = done_ - row.done + done;
  row.done = done;
  row.total = total;
  row.shown = true;
  const Clock::Steady now = clock_.steady();
  row.meter.add(arrived, now);
  meter_.add(arrived, now);
  draw_when_due();
}

void ProgressBoard::sources(Item item, const std::vector<std::string>& labels) {
  if (const auto found = rows_.find(item); found != rows_.end()) found->second.sources = labels;
}

void ProgressBoard::note(Item item, const std::string& sentence) {
  clear();
  const std::string of = queue_.size() == 1 ? "" : queue_.choice(item).file_name + ": ";
  screen_.stream << printable(of + sentence) << std::endl;
}

void ProgressBoard::ended(Item item, const DownloadQueue::Outcome& outcome) {
  std::uint64_t before = 0;
  if (const auto found = rows_.find(item); found != rows_.end()) {
    before = found->second.done;
    rows_.erase(found);
  }
  ++ended_;
  const std::uint64_t size = queue_.choice(item).size;
  done_ -= before;
  if (outcome) {
    done_ += size;
    const bool fetched = outcome->result == DownloadOutcome::Result::kFetched;
    if (fetched) meter_.add(size - std::min(before, size), clock_.steady());
  } else {
    // Nothing of it is done, and nothing of it is left to do.
    total_ -= size;
    if (outcome.error().code != Code::kCancelled) ++failed_;
  }
  // Of the end the summary tells.
  if (ended_ < queue_.size()) draw_when_due();
}

void ProgressBoard::draw_when_due() {
  const Clock::Steady now = clock_.steady();
  if (now - shown_ < (screen_.terminal ? kRedraw : kPlainLine)) return;
  shown_ = now;
  draw();
}

void ProgressBoard::draw() {
  if (!screen_.terminal) {
    screen_.stream << lines().front() << std::endl;
    return;
  }
  clear();
  const std::vector<std::string> drawn = lines();
  for (std::size_t i = 0; i < drawn.size(); ++i) screen_.stream << (i == 0 ? "" : "\n") << drawn[i];
  screen_.stream << std::flush;
  drawn_ = drawn.size();
}

// Of one file there is its own line alone.
std::vector<std::string> ProgressBoard::lines() const {
  std::vector<std::string> lines;
  if (queue_.size() > 1 || rows_.empty()) lines.push_back(whole());
  for (const auto& [item, row] : rows_) {
    if (lines.size() > kMostRows) break;
    if (row.shown || queue_.size() == 1) lines.push_back(line_of(item, row));
  }
  return lines;
}

std::string ProgressBoard::whole() const {
  std::string label = std::to_string(ended_) + " of " + plural(queue_.size(), "file");
  if (failed_ > 0) label += ", " + std::to_string(failed_) + " failed";
  Figures figures = progress_figures(done_, total_, meter_.rate(clock_.steady()));
  if (const std::size_t sources = sources_of_all(); sources > 0)
    figures.push_back(plural(sources, "source"));
  // Half a number would be another one.
  return fitted({label, figures, done_, total_, label.size()});
}

// Whoever gives several of the files under way is one.
std::size_t ProgressBoard::sources_of_all() const {
  std::set<std::string_view> labels;
  for (const auto& [item, row] : rows_) {
    if (row.sources) labels.insert(row.sources->begin(), row.sources->end());
  }
  return labels.size();
}

std::string ProgressBoard::line_of(Item item, const Row& row) const {
  const FileChoice& choice = queue_.choice(item);
  Figures figures = progress_figures(row.done, row.total, row.meter.rate(clock_.steady()));
  if (row.sources) figures.push_back(plural(row.sources->size(), "source"));
  return fitted({printable(choice.file_name), figures, row.done, row.total});
}

std::string ProgressBoard::fitted(const ProgressRow& row) const {
  if (!screen_.terminal) return row.label + ": " + in_a_row(row.figures);
  return progress_row(row, screen_.width(), screen_.color);
}

void ProgressBoard::clear() {
  if (drawn_ == 0) return;
  screen_.stream << "\r";
  if (drawn_ > 1) screen_.stream << "\x1b[" << drawn_ - 1 << "A";
  screen_.stream << "\x1b[J" << std::flush;
  drawn_ = 0;
}

}  // namespace trueque
