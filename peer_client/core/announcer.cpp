#include "peer_client/core/announcer.h"

#include "common/base/address.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kLookAgain{250};

}  // namespace

Announcer::Announcer(Session& session, PeerConnector& peers, const Clock& clock, Waiter wait,
                     PeerEndpoint beside, std::chrono::milliseconds patience)
    : session_(session),
      peers_(peers),
      clock_(clock),
      wait_(std::move(wait)),
      beside_(std::move(beside)),
      patience_(patience) {}

std::optional<std::string> Announcer::announce(const DownloadOutcome& outcome,
                                               Cancellation& cancellation) {
  if (outcome.result == DownloadOutcome::Result::kPlaceholder)
    return index({outcome.file_name, std::nullopt});
  if (!outcome.shared_name) {
    return "It is not indexed, because it is not in a shared folder (shared_dir): other peers "
           "cannot fetch it from you.";
  }
  const Status served = wait_until_served(outcome.content->id, cancellation);
  if (served) return index({*outcome.shared_name, outcome.content});
  const std::string where =
      "the peer-server beside you (" + host_and_port(beside_.ip, beside_.port) + ")";
  if (served.error().code == Code::kNotFound) {
    return "It is not indexed, because " + where +
           " does not share it; let its shared_dir be the client's, then index the file again.";
  }
  return "It is not indexed, because " + where + " does not answer (" + served.error().message +
         "); start it, then index the file again.";
}

std::optional<std::string> Announcer::index(SharedFile file) {
  const auto indexed = session_.index_files(std::span(&file, 1), IndexMode::kAdd);
  if (indexed) return std::nullopt;
  return "It could not be indexed: " + indexed.error().message;
}

// A peer-server sees a new file after a moment and then hashes it.
Status Announcer::wait_until_served(const ContentId& content, Cancellation& cancellation) {
  const std::unique_ptr<PeerChannel> channel = peers_.connect(beside_);
  const Cancellation::Hook hook(cancellation, [&channel] { channel->cancel(); });
  const Clock::Steady end = clock_.steady() + patience_;
  while (true) {
    const Result<RemoteFile> file = channel->stat(content);
    if (file) return {};
    const bool may_come = file.error().code == Code::kNotFound || file.error().retry_after;
    if (!may_come || cancellation.cancelled() || clock_.steady() >= end) return file.error();
    wait_(kLookAgain, cancellation);
  }
}

}  // namespace trueque
