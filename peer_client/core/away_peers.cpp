#include "peer_client/core/away_peers.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr std::chrono::seconds kWhile{10};
constexpr unsigned kMostDoublings = 5;

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

void AwayPeers::told(std::span<const TransferSource> sources, const TransferReport& report,
                     Clock::Steady now) {
  for (const TransferSource& source : sources) {
    const auto each = std::find_if(
        report.sources.begin(), report.sources.end(),
        [label = source.label()](const SourceReport& told) { return told.label == label; });
    if (each == report.sources.end()) continue;
    if (each->bytes > 0) {
      avoided_.erase(source.endpoint);
    } else if (!each->reason.empty()) {
      avoid(source.endpoint, now);
    }
  }
}

void AwayPeers::avoid(const PeerEndpoint& endpoint, Clock::Steady now) {
  Avoided& entry = avoided_[endpoint];
  // Of several downloads that were at it together one counts.
  if (entry.until > now) return;
  entry.until = now + kWhile * (1U << std::min(entry.times++, kMostDoublings));
}

bool AwayPeers::is_avoided(const PeerEndpoint& endpoint, Clock::Steady now) const {
  const auto found = avoided_.find(endpoint);
  return found != avoided_.end() && found->second.until > now;
}

}  // namespace trueque
