#include "peer_client/core/away_peers.h"

namespace trueque {
namespace {

constexpr std::chrono::seconds kWhile{10};

}  // namespace

void AwayPeers::failed(std::span<const TransferSource> sources, const Error& error,
                       Clock::Steady now) {
  if (error.code != Code::kUnavailable || error.retry_after) return;
  for (const TransferSource& each : sources)
    away_.insert_or_assign(each.endpoint, Entry{error, now + kWhile});
}

void AwayPeers::gave(std::span<const TransferSource> sources) {
  for (const TransferSource& each : sources) away_.erase(each.endpoint);
}

std::optional<Error> AwayPeers::all_away(std::span<const TransferSource> sources,
                                         Clock::Steady now) const {
  std::optional<Error> error;
  for (const TransferSource& each : sources) {
    const auto found = away_.find(each.endpoint);
    if (found == away_.end() || found->second.until <= now) return std::nullopt;
    error = found->second.error;
  }
  return error;
}

}  // namespace trueque
