#include "peer_server/core/upload_rates.h"

#include <algorithm>
#include <limits>

namespace trueque {
namespace {

constexpr std::uint64_t kLeastChunk = 16UL * 1024;
constexpr std::uint64_t kChunksASecond = 16;

std::uint64_t chunk_for(std::uint64_t rate) {
  if (rate == 0) return std::numeric_limits<std::uint64_t>::max();
  return std::max(rate / kChunksASecond, kLeastChunk);
}

}  // namespace

UploadRates::UploadRates(const Clock& clock, std::uint64_t total, std::uint64_t per_peer)
    : clock_(clock),
      per_peer_(per_peer),
      largest_chunk_(std::min(chunk_for(total), chunk_for(per_peer))),
      total_(clock, total, 2 * largest_chunk_) {}

UploadRates::Duration UploadRates::wait_for(const std::string& peer) const {
  const Duration total = total_.wait_for(largest_chunk_);
  const auto own = peers_.find(peer);
  return own == peers_.end() ? total : std::max(total, own->second.wait_for(largest_chunk_));
}

void UploadRates::take(const std::string& peer, std::uint64_t bytes) {
  total_.take(bytes);
  if (per_peer_ == 0) return;
  peers_.try_emplace(peer, clock_, per_peer_, 2 * largest_chunk_).first->second.take(bytes);
}

void UploadRates::forget_idle_peers() {
  std::erase_if(peers_, [this](const auto& each) {
    return each.second.wait_for(2 * largest_chunk_) == Duration::zero();
  });
}

}  // namespace trueque
