// Many small files made durable at once: each is written to a part, then one sync of the
// file system stands for all, and only then they get their names. Used by one thread.
#pragma once

#include <span>
#include <vector>

#include "common/base/clock.h"
#include "peer_client/core/landing.h"

namespace trueque {

class LandingBatch {
 public:
  struct File {
    std::size_t item = 0;  // the caller's
    DownloadRequest request;
    Landing::Place place;
    std::string part;  // its name, once written
  };
  struct Landed {
    std::size_t item = 0;
    Result<DownloadOutcome> outcome;
  };

  LandingBatch(const Landing& landing, const Clock& clock) : landing_(landing), clock_(clock) {}

  // Writes the part. kAlreadyExists when there is one; then, and on any other error, the
  // file is not in the batch.
  Status add(File file, std::span<const std::uint8_t> bytes);
  // Full, or the first has waited long enough.
  bool due() const;
  // Every file of the batch, under its name and on disk, or why not.
  std::vector<Landed> land(const Cancellation& cancellation);

 private:
  Status sync_parts() const;
  Result<DownloadOutcome> give_name(File& file, const Cancellation& cancellation) const;
  void sync_folders(std::vector<Landed>& landed) const;

  const Landing& landing_;
  const Clock& clock_;
  std::vector<File> files_;
  Clock::Steady first_{};
};

}  // namespace trueque
