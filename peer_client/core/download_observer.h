// What a download tells while it runs. Called by the thread that downloads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peer_client/core/transfer_report.h"

namespace trueque {

class DownloadObserver {
 public:
  virtual ~DownloadObserver() = default;
  // Verified and received bytes so far, and in all. May go back by a bad piece.
  virtual void progress(std::uint64_t done, std::uint64_t total) = 0;
  // A sentence for the person, e.g. that a source was left and why.
  virtual void note(const std::string& sentence) = 0;
  // The sources there are to fetch from now, each by its label, when that changes: those
  // that were left or failed when they were asked last are none.
  virtual void sources(const std::vector<std::string>&) {}
  // What each source did, once, when the transfer has ended, however it did.
  virtual void ended(const TransferReport&) {}
};

}  // namespace trueque
