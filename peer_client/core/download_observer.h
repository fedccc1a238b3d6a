// What a download tells while it runs. Called by the thread that downloads.
#pragma once

#include <cstdint>
#include <string>

namespace trueque {

class DownloadObserver {
 public:
  virtual ~DownloadObserver() = default;
  // Verified and received bytes so far, and in all. May go back by a bad piece.
  virtual void progress(std::uint64_t done, std::uint64_t total) = 0;
  // A sentence for the person, e.g. that a source was left and why.
  virtual void note(const std::string& sentence) = 0;
};

}  // namespace trueque
