// How far a long operation is: one line that is drawn over on a terminal, and a
// plain line every few seconds elsewhere. Used by one thread.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "common/base/clock.h"
#include "peer_client/core/download_observer.h"

namespace trueque {

class ProgressLine final : public DownloadObserver {
 public:
  // `label` is made printable here.
  ProgressLine(std::ostream& stream, bool terminal, bool color, const Clock& clock,
               const std::string& label);
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void progress(std::uint64_t done, std::uint64_t total) override;
  void note(const std::string& sentence) override;
  void set_label(const std::string& label);
  // Bytes a second since the first call of progress().
  double rate() const;

 private:
  void draw();
  void clear();

  std::ostream& stream_;
  bool terminal_;
  bool color_;
  const Clock& clock_;
  std::string label_;
  bool drawn_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t first_done_ = 0;
  std::optional<Clock::Steady> started_;
  Clock::Steady shown_{};
};

}  // namespace trueque
