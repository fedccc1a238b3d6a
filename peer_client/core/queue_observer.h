// What a queue of downloads tells while it runs. One call at a time, from any thread.
#pragma once

#include "peer_client/core/download_queue.h"

namespace trueque {

class QueueObserver {
 public:
  using Item = DownloadQueue::Item;

  virtual ~QueueObserver() = default;
  virtual void begun(Item item) = 0;
  // Bytes of the item so far, and in all.
  virtual void progress(Item item, std::uint64_t done, std::uint64_t total) = 0;
  // The sources there are for it now, by their labels; until this is told, none is known.
  virtual void sources(Item item, const std::vector<std::string>& labels) = 0;
  // A sentence for the person.
  virtual void note(Item item, const std::string& sentence) = 0;
  virtual void ended(Item item, const DownloadQueue::Outcome& outcome) = 0;
};

}  // namespace trueque
