#include "peer_client/core/transfer.h"

#include <algorithm>

#include "common/base/address.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackOff{500};
constexpr milliseconds kLongestBackOff{8000};
constexpr milliseconds kShortestRetry{100};
constexpr milliseconds kLongestRetry{30000};
// A source that never gave anything and cannot be reached is not worth a minute.
constexpr unsigned kTriesOfAStranger = 3;
// However it drips, a piece that takes longer than this counts as stalled.
constexpr milliseconds kTimePerPiece{20000};
constexpr milliseconds kTimePerMiB{16000};
constexpr std::size_t kReasonsShown = 5;

milliseconds back_off(unsigned failures) {
  return std::min(kLongestBackOff, kFirstBackOff * (1U << std::min(failures, 5U)));
}

}  // namespace

std::string TransferSource::label() const {
  const std::string address = host_and_port(endpoint.ip, endpoint.port);
  return peer_name.empty() ? address : peer_name + " (" + address + ")";
}

Transfer::Transfer(const TransferContext& context, const ContentId& content,
                   std::vector<TransferSource> sources, const PartFile& part)
    : context_(context), content_(content), part_(part), last_progress_(context.clock.steady()) {
  for (TransferSource& source : sources) {
    candidates_.emplace_back();
    candidates_.back().source = std::move(source);
  }
}

Result<std::uint64_t> Transfer::run() {
  while (Candidate* candidate = next_candidate()) {
    const Status status = attempt(*candidate);
    if (!local_error_) return local_error_.error();
    if (context_.cancellation.cancelled()) break;
    if (status) return plan_.layout.file_size();
    judge(*candidate, status.error());
  }
  if (context_.cancellation.cancelled())
    return make_error(Code::kCancelled, "the download was interrupted; run it again to go on");
  return verdict();
}

Transfer::Candidate* Transfer::next_candidate() {
  while (!context_.cancellation.cancelled()) {
    Candidate* best = nullptr;
    for (Candidate& each : candidates_) {
      if (!each.dropped && (best == nullptr || each.not_before < best->not_before)) best = &each;
    }
    const Clock::Steady now = context_.clock.steady();
    if (best == nullptr || out_of_time(best)) return nullptr;
    if (best->not_before <= now) return best;
    const Clock::Steady until = std::min(best->not_before, last_progress_ + context_.give_up);
    // Rounded up, so that a wait of less than a millisecond is one, not a spin.
    context_.wait(std::chrono::ceil<milliseconds>(until - now), context_.cancellation);
  }
  return nullptr;
}

Status Transfer::attempt(Candidate& candidate) {
  candidate.tried = true;
  const std::unique_ptr<PeerChannel> channel = context_.peers.connect(candidate.source.endpoint);
  const Cancellation::Hook hook(context_.cancellation, [&channel] { channel->cancel(); });
  Result<PiecePlan> plan = make_plan(*channel, candidate.source);
  if (!plan) return plan.error();
  local_error_ = adopt(std::move(*plan));
  if (!local_error_) return local_error_;
  if (plan_.complete(verified_)) return {};
  return fetch_rest(*channel, candidate);
}

Result<PiecePlan> Transfer::make_plan(PeerChannel& channel, const TransferSource& source) const {
  if (source.size > kMaxFileSize) return make_error(Code::kDataLoss, "gave an impossible size");
  if (PieceLayout(source.size).piece_count() <= 1) return plan_without_stat(content_, source.size);
  // Hashes were checked against the content id, so they hold for every source.
  if (planned_ && plan_.layout.file_size() == source.size && verified_ > 0) return plan_;
  const Result<RemoteFile> file = channel.stat(content_);
  if (!file) return file.error();
  return plan_from_stat(content_, source.size, *file);
}

// A plan unlike the last one (another source said another size): what the part
// holds is judged again by the new hashes.
Status Transfer::adopt(PiecePlan plan) {
  if (planned_ && plan == plan_) return {};
  plan_ = std::move(plan);
  planned_ = true;
  const Result<std::uint64_t> held = verified_pieces(part_, plan_);
  if (!held) return held.error();
  verified_ = *held;
  const std::uint64_t size = plan_.layout.file_size();
  if (verified_ > 0 && !plan_.complete(verified_)) {
    const std::uint64_t percent = verified_ * 100 / plan_.hashes.size();
    context_.observer.note("resuming at " + std::to_string(percent) + " %");
  }
  context_.observer.progress(std::min(plan_.layout.piece_offset(verified_), size), size);
  return {};
}

Status Transfer::fetch_rest(PeerChannel& channel, Candidate& candidate) {
  const std::uint64_t size = plan_.layout.file_size();
  PieceWriter writer(plan_, part_, verified_);
  Clock::Steady piece_started = context_.clock.steady();
  const auto sink = [&](std::span<const std::uint8_t> bytes) -> Status {
    Status status = writer.take(bytes);
    const Clock::Steady now = context_.clock.steady();
    if (writer.verified() > verified_) {
      verified_ = writer.verified();
      last_progress_ = piece_started = now;
      candidate.delivered = true;
      candidate.failures = 0;
    }
    context_.observer.progress(writer.offset(), size);
    if (status && !plan_.complete(verified_) && now - piece_started > piece_time_limit())
      return make_error(Code::kDeadlineExceeded, "sends too slowly");
    return status;
  };
  const std::uint64_t start = writer.offset();
  const Status status = channel.fetch(content_, start, size - start, sink);
  local_error_ = writer.local_error();
  // Bytes beyond the range are a lie, even after the right ones. Otherwise, with
  // all pieces right, it does not matter how the stream ended.
  if (!status && status.error().code == Code::kDataLoss) return status;
  if (plan_.complete(verified_)) return {};
  if (status) return make_error(Code::kDataLoss, "sent fewer bytes than the file has");
  return status;
}

void Transfer::judge(Candidate& candidate, const Error& error) {
  candidate.reason = error.message;
  ++candidate.failures;
  switch (error.code) {
    case Code::kDataLoss:
    case Code::kOutOfRange:  // it does not have the size that was announced for it
      return drop(candidate, Fault::kLied);
    case Code::kUnimplemented:
      return drop(candidate, Fault::kOld);
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kResourceExhausted:
    case Code::kAborted:
    case Code::kInternal:
    case Code::kCancelled:  // by the peer: ours ends the download before this
      break;
    default:
      return drop(candidate, Fault::kGone);
  }
  candidate.fault = Fault::kUnreachable;
  const bool says_when = error.retry_after.has_value();
  const bool silent = error.code == Code::kDeadlineExceeded;
  const bool busy = says_when || error.code == Code::kResourceExhausted;
  if (!candidate.delivered && !busy && !silent && candidate.failures >= kTriesOfAStranger)
    return drop(candidate, Fault::kUnreachable);
  const milliseconds pause = says_when
                                 ? std::clamp(*error.retry_after, kShortestRetry, kLongestRetry)
                                 : back_off(candidate.failures - 1);
  candidate.not_before = context_.clock.steady() + pause;
  if (candidate.failures == 1)
    context_.observer.note(candidate.source.label() + ": " + error.message + "; trying again");
}

void Transfer::drop(Candidate& candidate, Fault fault) {
  candidate.fault = fault;
  candidate.dropped = true;
  if (fault != Fault::kOld)
    context_.observer.note(candidate.source.label() + ": " + candidate.reason +
                           "; no longer asked");
}

Error Transfer::verdict() const {
  std::string reasons;
  std::size_t shown = 0;
  Code code = Code::kNotFound;
  for (const Candidate& each : candidates_) {
    if (each.fault == Fault::kUnreachable && code == Code::kNotFound) code = Code::kUnavailable;
    if (each.fault == Fault::kLied) code = Code::kDataLoss;
    if (each.reason.empty() || ++shown > kReasonsShown) continue;
    reasons += (reasons.empty() ? "" : "; ") + each.source.label() + ": " + each.reason;
  }
  if (code == Code::kDataLoss) return make_error(code, "no source gave the right file: " + reasons);
  if (code == Code::kUnavailable)
    return make_error(code, "no source could be reached: " + reasons + "; try again later");
  if (reasons.empty()) reasons = "there is no source";
  return make_error(code, "no peer has the file any more: " + reasons);
}

bool Transfer::out_of_time(const Candidate* next) const {
  const auto patience = next->tried ? context_.give_up : 3 * context_.give_up;
  return context_.clock.steady() - last_progress_ >= patience;
}

milliseconds Transfer::piece_time_limit() const {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  const std::uint64_t mib = (plan_.layout.piece_size() + kMiB - 1) / kMiB;
  return kTimePerPiece + kTimePerMiB * static_cast<std::int64_t>(mib);
}

std::vector<TransferSource> Transfer::old_peers() const {
  std::vector<TransferSource> peers;
  for (const Candidate& each : candidates_) {
    if (each.fault == Fault::kOld) peers.push_back(each.source);
  }
  return peers;
}

std::vector<std::string> Transfer::liars() const {
  std::vector<std::string> labels;
  for (const Candidate& each : candidates_) {
    if (each.fault == Fault::kLied) labels.push_back(each.source.label());
  }
  return labels;
}

}  // namespace trueque
