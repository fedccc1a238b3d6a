// Fetches one content into a part, from many sources at once. Every piece is
// verified before it counts; a source that lies is left out, one that fails is
// tried again later, and what is under way with a slow one goes to a faster one.
// Where sources give different sizes for the content, the size most of them give is
// tried first.
//
// Works with threads of its own, a lane each; run() returns when they have ended.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/base/token_bucket.h"
#include "peer_client/core/cancellation.h"
#include "peer_client/core/download_observer.h"
#include "peer_client/core/part_store.h"
#include "peer_client/core/peer_channel.h"
#include "peer_client/core/source_refresh.h"
#include "peer_client/core/swarm.h"
#include "peer_client/core/swarm_seat.h"

namespace trueque {

struct TransferTerms {
  std::chrono::milliseconds give_up{60'000};  // without progress, with sources at work
  std::chrono::milliseconds wait{60'000};     // for a source, where there is none left
  unsigned max_sources = 8;                   // lanes at once
  unsigned lanes_per_source = 2;              // where there are not enough sources
  std::uint64_t seed = 0;                     // the piece to begin with
};

// Under a limit a lane asks for this part of a second's bytes at a time.
inline constexpr std::uint64_t kPortionsASecond = 4;

// How many bytes that is, at least a block.
inline std::uint64_t portion_under(const TokenBucket& limit) {
  return std::max(kBlockSize, limit.rate() / kPortionsASecond);
}

// A limit for downloads, in bytes a second (0: none), that forgives a pause of a portion.
inline TokenBucket download_limit(const Clock& clock, std::uint64_t rate) {
  return {clock, rate, std::max<std::uint64_t>(1, rate / kPortionsASecond)};
}

// What a Transfer works with; all of it outlives the Transfer.
struct TransferContext {
  PeerConnector& peers;
  const Clock& clock;
  const Waiter& wait;
  Cancellation& cancellation;
  DownloadObserver& observer;
  TransferTerms terms;
  std::string name;  // of the file, for messages
  // Asks the directory who has the content now, through `aside`; either may be empty.
  SourceRefresh::Ask more_sources = nullptr;
  RunAside aside = nullptr;
  TokenBucket* limit = nullptr;  // on all downloads together; none: no limit
  SwarmSeat::Asks swarm = {};    // through `aside` as well
};

class Transfer {
 public:
  Transfer(const TransferContext& context, const ContentId& content,
           std::vector<TransferSource> sources, PartStore& store);

  // The size of the content, all of it verified and in the part; else
  //   kDataLoss     no source is left, and one of them lied: it is named
  //   kUnavailable  sources only hang, stay busy or cannot be reached
  //   kNotFound     all that answered no longer have it
  //   kCancelled, or the local disk's kAborted.
  Result<std::uint64_t> run();

  const TransferReport& report() const { return report_; }
  // Sources that have no FileTransfer, known after run().
  const std::vector<TransferSource>& old_peers() const { return old_peers_; }

 private:
  Result<std::uint64_t> run_with(std::uint64_t size, std::chrono::milliseconds wait);

  TransferContext context_;
  ContentId content_;
  std::vector<TransferSource> sources_;
  PartStore& store_;
  TransferReport report_;
  std::vector<TransferSource> old_peers_;
};

}  // namespace trueque
