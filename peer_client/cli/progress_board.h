// How far a queue of downloads is: a line for the whole and, on a terminal, one for each
// file under way, drawn over; a plain line every few seconds elsewhere. One call at a time.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "peer_client/cli/console.h"
#include "peer_client/cli/progress_text.h"
#include "peer_client/core/queue_observer.h"
#include "peer_client/core/rate_meter.h"

namespace trueque {

class ProgressBoard final : public QueueObserver {
 public:
  struct Screen {
    std::ostream& stream;
    bool terminal = false;
    bool color = false;
    std::size_t (*width)() = terminal_width;  // columns, of a terminal
  };

  // The queue as it is before it begins; it outlives this.
  ProgressBoard(const Screen& screen, const Clock& clock, const DownloadQueue& queue);
  ~ProgressBoard() override;
  ProgressBoard(const ProgressBoard&) = delete;
  ProgressBoard& operator=(const ProgressBoard&) = delete;

  void begun(Item item) override;
  void progress(Item item, std::uint64_t done, std::uint64_t total) override;
  void sources(Item item, const std::vector<std::string>& labels) override;
  void note(Item item, const std::string& sentence) override;
  void ended(Item item, const DownloadQueue::Outcome& outcome) override;

 private:
  struct Row {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    bool shown = false;                               // it told of its progress
    std::optional<std::vector<std::string>> sources;  // there are now, by their labels
    RateMeter meter;
  };

  void draw_when_due();
  std::vector<std::string> lines() const;
  std::string whole() const;
  std::size_t sources_of_all() const;
  std::string line_of(Item item, const Row& row) const;
  std::string fitted(const ProgressRow& row) const;
  void draw();
  void clear();

  const Screen screen_;
  const Clock& clock_;
  const DownloadQueue& queue_;
  std::uint64_t total_ = 0;   // bytes of all files but those that failed
  std::uint64_t done_ = 0;    // bytes of these
  std::size_t ended_ = 0;     // files
  std::size_t failed_ = 0;    // of these
  std::map<Item, Row> rows_;  // under way
  RateMeter meter_;
  Clock::Steady shown_{};
  std::size_t drawn_ = 0;  // lines on the terminal
};

}  // namespace trueque
