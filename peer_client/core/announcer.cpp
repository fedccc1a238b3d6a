#include "peer_client/core/announcer.h"

#include <algorithm>

#include "common/base/address.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{250};
constexpr std::uint64_t kHashedASecond = 50UL * 1024 * 1024;  // bytes, by a slow machine

milliseconds time_to_hash(std::uint64_t size) {
  return milliseconds(static_cast<std::int64_t>(size / (kHashedASecond / 1000)));
}

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
                                               Cancellation& cancellation,
                                               DownloadObserver& observer) {
  if (outcome.result == DownloadOutcome::Result::kPlaceholder)
    return index({outcome.file_name, std::nullopt});
  if (!outcome.shared_name) {
    return "It is not indexed, because it is outside your shared folder (shared_dir) or hidden in "
           "it: "
           "other peers cannot fetch it from you.";
  }
  const Status served = wait_until_served(*outcome.content, cancellation, observer);
  if (served) return index({*outcome.shared_name, outcome.content});
  return reason(*outcome.shared_name, served.error());
}

std::string Announcer::reason(const std::string& name, const Error& error) const {
  const std::string where =
      "the peer-server beside you (" + host_and_port(beside_.ip, beside_.port) + ")";
  const std::string later =
      "When it has a [directory], it announces the file by itself; else index " + name + " later.";
  if (error.code == Code::kCancelled)
    return "It is not indexed yet, because you did not wait for " + where + ". " + later;
  if (error.retry_after)
    return "It is not indexed yet: " + where + " runs and is still hashing. " + later;
  if (error.code == Code::kNotFound) {
    return "It is not indexed, because " + where +
           " does not share it; let its shared_dir be the client's, then index the file again.";
  }
  if (error.code == Code::kDeadlineExceeded) {
    return "It is not indexed, because " + where +
           " does not answer in time; restart it, then index the file again.";
  }
  return "It is not indexed, because " + where + " does not answer (" + error.message +
         "); start it, then index the file again.";
}

std::optional<std::string> Announcer::index(SharedFile file) {
  const auto indexed = session_.index_files(std::span(&file, 1), IndexMode::kAdd);
  if (indexed) return std::nullopt;
  return "It could not be indexed: " + indexed.error().message;
}

// A peer-server sees a new file after a moment and then hashes it, after others maybe.
Status Announcer::wait_until_served(const Content& content, Cancellation& cancellation,
                                    DownloadObserver& observer) {
  const std::unique_ptr<PeerChannel> channel = peers_.connect(beside_);
  const Cancellation::Hook hook(cancellation, [&channel] { channel->cancel(); });
  const Clock::Steady hashed_by = clock_.steady() + patience_ + time_to_hash(content.size);
  Clock::Steady seen_by = clock_.steady() + patience_;
  bool told = false;
  while (true) {
    const Result<RemoteFile> file = channel->stat(content.id);
    if (file) return {};
    if (cancellation.cancelled()) return make_error(Code::kCancelled, "interrupted");
    const Clock::Steady now = clock_.steady();
    const bool hashing = file.error().retry_after.has_value();
    if (hashing) seen_by = now + patience_;
    const bool may_come = hashing || file.error().code == Code::kNotFound;
    if (!may_come || now >= std::min(seen_by, hashed_by)) return file.error();
    if (hashing && !told) observer.note("waiting for the peer-server beside you to hash it");
    told = told || hashing;
    wait_(kLookAgain, cancellation);
  }
}

}  // namespace trueque
