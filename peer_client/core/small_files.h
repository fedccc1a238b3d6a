// Fetches the many small files of a queue: those of one piece, which need neither Stat
// nor journal. Each source has one channel with several requests under way, and files are
// made durable many at a time. Whatever does not go the plain way, a source that fails or
// lies, a part that is there already, stays in the queue for Downloader.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "peer_client/core/download_queue.h"
#include "peer_client/core/downloader.h"
#include "peer_client/core/queue_observer.h"

namespace trueque {

struct SmallFileTerms {
  std::optional<std::string> output;  // as of DownloadRequest
  bool keep_path = false;
  unsigned sources_at_once = 4;
};

// What they are fetched and landed with; all of it outlives SmallFiles.
struct SmallFileParts {
  PeerConnector& peers;
  const Clock& clock;
  const Waiter& wait;
  TokenBucket& limit;  // on all downloads together, or none
  Downloader& downloader;
  Landing& landing;
  HeldFiles& held;
};

class SmallFileLane;

class SmallFiles {
 public:
  using Lanes = std::vector<std::unique_ptr<SmallFileLane>>;

  // With fewer of them it is not worth it.
  static constexpr std::size_t kFewest = 4;

  explicit SmallFiles(const SmallFileParts& parts) : parts_(parts) {}

  // Returns when none is under way. The observer takes calls of any thread.
  void run(DownloadQueue& queue, const SmallFileTerms& terms, QueueObserver& observer,
           Cancellation& cancellation);

 private:
  void run_lanes(const Lanes& lanes, unsigned most_at_once, Cancellation& cancellation);

  const SmallFileParts parts_;
};

}  // namespace trueque
