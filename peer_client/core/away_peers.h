// Which peers a queue of downloads has just found away, so that of a thousand files of a
// peer that went each does not wait for it anew. Times are handed in. Not synchronised.
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

 private:
  struct Entry {
    Error error;
    Clock::Steady until{};
  };

  std::map<PeerEndpoint, Entry> away_;
};

}  // namespace trueque
