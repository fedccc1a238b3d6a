// Lets any thread tell a QueueObserver something: one after another. A terminal that
// takes nothing holds up those who tell it something, and nobody else.
#pragma once

#include <mutex>

#include "peer_client/core/queue_observer.h"

namespace trueque {

class SerialObserver final : public QueueObserver {
 public:
  explicit SerialObserver(QueueObserver& observer) : observer_(observer) {}

  void begun(Item item) override;
  void progress(Item item, std::uint64_t done, std::uint64_t total) override;
  void sources(Item item, const std::vector<std::string>& labels) override;
  void note(Item item, const std::string& sentence) override;
  void ended(Item item, const DownloadQueue::Outcome& outcome) override;

 private:
  QueueObserver& observer_;
  std::mutex mutex_;  // one call at a time
};

}  // namespace trueque
