// The limits on bytes a second: of all uploads together, and of each peer. A
// peer's count outlives its streams, so that coming back does not start it anew.
// Not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/base/token_bucket.h"

namespace trueque {

class UploadRates {
 public:
  using Duration = TokenBucket::Duration;

  // Bytes a second, 0 for no limit. `clock` must outlive this.
  UploadRates(const Clock& clock, std::uint64_t total, std::uint64_t per_peer);

  // How long until a chunk may go to the peer; zero: now.
  Duration wait_for(const std::string& peer) const;
  // The bytes go now.
  void take(const std::string& peer, std::uint64_t bytes);

  // The largest chunk that keeps the flow even, bytes; no less than 16 KiB.
  std::uint64_t largest_chunk() const { return largest_chunk_; }
  // Lets go of peers whose limit has nothing to say any more.
  void forget_idle_peers();
  std::size_t remembered() const { return peers_.size(); }

 private:
  const Clock& clock_;
  const std::uint64_t per_peer_;
  const std::uint64_t largest_chunk_;
  TokenBucket total_;
  std::map<std::string, TokenBucket> peers_;
};

}  // namespace trueque
