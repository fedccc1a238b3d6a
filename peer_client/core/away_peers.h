// Which peers a queue of downloads has just found away, or mute beside others, so that of a
// thousand files of such a peer each does not wait for it anew. Times are handed in. Not
// synchronised.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "peer_client/core/source_book.h"

namespace trueque {

class AwayPeers {
 public:
  // What came of a download from these: with kUnavailable all of them are away for a
  // while, but not when one was just busy; and once one gave a file they are not.
  void failed(std::span<const TransferSource> sources, const Error& error, Clock::Steady now);
  void gave(std::span<const TransferSource> sources);
  // Why nothing can be had from these now; nothing when one of them may be asked.
  std::optional<Error> all_away(std::span<const TransferSource> sources, Clock::Steady now) const;

  // What each of these did for a download: one that failed and gave nothing is better not
  // asked for a while, and each time for twice as long.
  void told(std::span<const TransferSource> sources, const TransferReport& report,
            Clock::Steady now);
  // Whether the peer is better not asked, where there is another.
  bool is_avoided(const PeerEndpoint& endpoint, Clock::Steady now) const;

 private:
  struct Entry {
    Error error;
    Clock::Steady until{};
  };

  struct Avoided {
    Clock::Steady until{};
    unsigned times = 0;
  };

  void avoid(const PeerEndpoint& endpoint, Clock::Steady now);

  std::map<PeerEndpoint, Entry> away_;
  std::map<PeerEndpoint, Avoided> avoided_;
};

}  // namespace trueque
