#include "peer_client/core/small_files.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "common/content/piece_layout.h"
#include "peer_client/core/small_file_lane.h"

namespace trueque {
namespace {

using Item = DownloadQueue::Item;
using Lanes = SmallFiles::Lanes;

std::vector<Item> small_ones(const DownloadQueue& queue) {
  std::vector<Item> items;
  for (Item item = 0; item < queue.size(); ++item) {
    const FileChoice& choice = queue.choice(item);
    const bool is_small = choice.content && PieceLayout(choice.size).piece_count() <= 1;
    if (is_small && !queue.outcome(item)) items.push_back(item);
  }
  return items;
}

// A lane a source, each file with the one of its sources that has the fewest so far.
Lanes share_out(const std::vector<Item>& items, const SmallFileWork& work,
                const std::set<PeerEndpoint>& failed) {
  Lanes lanes;
  std::map<PeerEndpoint, SmallFileLane*> by_endpoint;
  for (const Item item : items) {
    const FileChoice& choice = work.queue.choice(item);
    SmallFileLane* best = nullptr;
    for (TransferSource& source : work.parts.downloader.sources_of(choice.sources, false)) {
      if (source.size != choice.size || failed.contains(source.endpoint)) continue;
      SmallFileLane*& lane = by_endpoint[source.endpoint];
      if (lane == nullptr) {
        lanes.push_back(std::make_unique<SmallFileLane>(work, std::move(source)));
        lane = lanes.back().get();
      }
      if (best == nullptr || lane->length() < best->length()) best = lane;
    }
    if (best != nullptr) best->add(item);
  }
  return lanes;
}

void fetch(SmallFileLane& lane, PeerConnector& peers, Cancellation& cancellation) {
  const std::unique_ptr<PeerChannel> channel = peers.connect(lane.source().endpoint);
  {
    const Cancellation::Hook hook(cancellation, [&channel] { channel->cancel(); });
    while (lane.wait_for_turn()) channel->fetch_files(lane);
  }
  lane.end();
}

}  // namespace

void SmallFiles::run(DownloadQueue& queue, const SmallFileTerms& terms, QueueObserver& observer,
                     Cancellation& cancellation) {
  std::mutex mutex;
  const SmallFileWork work{parts_, queue, observer, mutex, terms, cancellation};
  std::set<PeerEndpoint> failed;
  // What a source that fails leaves is for the others, as long as there are any.
  bool again = true;
  while (again && !cancellation.cancelled()) {
    const std::vector<Item> items = small_ones(queue);
    if (items.size() < kFewest) return;
    const Lanes lanes = share_out(items, work, failed);
    run_lanes(lanes, terms.sources_at_once, cancellation);
    again = false;
    for (const auto& lane : lanes) {
      if (lane->gave_up()) again = failed.insert(lane->source().endpoint).second || again;
    }
  }
}

void SmallFiles::run_lanes(const Lanes& lanes, unsigned most_at_once, Cancellation& cancellation) {
  std::atomic<std::size_t> next = 0;
  const auto run_some = [&] {
    for (std::size_t lane = next++; lane < lanes.size(); lane = next++)
      fetch(*lanes[lane], parts_.peers, cancellation);
  };
  std::vector<std::thread> threads;
  const auto at_once = std::min<std::size_t>(most_at_once, lanes.size());
  for (std::size_t i = 1; i < at_once; ++i) threads.emplace_back(run_some);
  run_some();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace trueque
