#include "peer_client/core/serial_observer.h"

namespace trueque {

void SerialObserver::begun(Item item) {
  const std::lock_guard turn(mutex_);
  observer_.begun(item);
}

void SerialObserver::progress(Item item, std::uint64_t done, std::uint64_t total) {
  const std::lock_guard turn(mutex_);
  observer_.progress(item, done, total);
}

void SerialObserver::sources(Item item, const std::vector<std::string>& labels) {
  const std::lock_guard turn(mutex_);
  observer_.sources(item, labels);
}

void SerialObserver::note(Item item, const std::string& sentence) {
  const std::lock_guard turn(mutex_);
  observer_.note(item, sentence);
}

void SerialObserver::ended(Item item, const DownloadQueue::Outcome& outcome) {
  const std::lock_guard turn(mutex_);
  observer_.ended(item, outcome);
}

}  // namespace trueque
