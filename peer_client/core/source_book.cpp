#include "peer_client/core/source_book.h"

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
constexpr std::size_t kReasonsShown = 5;

milliseconds back_off(unsigned failures) {
  return std::min(kLongestBackOff, kFirstBackOff * (1U << std::min(failures, 5U)));
}

bool may_heal(Code code) {
  switch (code) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kResourceExhausted:
    case Code::kAborted:
    case Code::kInternal:
    case Code::kCancelled:  // by the peer: ours ends the download before this
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string TransferSource::label() const {
  const std::string address = host_and_port(endpoint.ip, endpoint.port);
  return peer_name.empty() ? address : peer_name + " (" + address + ")";
}

void SourceBook::add(std::span<const TransferSource> sources) {
  for (const TransferSource& source : sources) {
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& each) {
      return each.source.endpoint == source.endpoint;
    });
    if (known == entries_.end()) {
      entries_.emplace_back();
      entries_.back().source = source;
    } else if (known->dropped && known->fault == Fault::kUnreachable) {
      known->dropped = false;
      known->failures = 0;
    }
  }
}

std::optional<SourceBook::Index> SourceBook::claim(Clock::Steady now, unsigned most_lanes) {
  std::optional<Index> best;
  for (Index index = 0; index < entries_.size(); ++index) {
    const Entry& each = entries_[index];
    if (each.dropped || each.not_before > now || each.lanes >= most_lanes) continue;
    const bool better =
        !best || each.lanes < entries_[*best].lanes ||
        (each.lanes == entries_[*best].lanes && each.not_before < entries_[*best].not_before);
    if (better) best = index;
  }
  if (best) {
    ++entries_[*best].lanes;
    entries_[*best].tried = true;
  }
  return best;
}

void SourceBook::delivered(Index index, std::uint64_t bytes) {
  entries_[index].bytes += bytes;
  entries_[index].failures = 0;
}

std::optional<std::string> SourceBook::failed(Index index, const Error& error, Clock::Steady now) {
  Entry& entry = entries_[index];
  if (entry.dropped) return std::nullopt;  // by its other lane
  entry.reason = error.message;
  ++entry.failures;
  // kOutOfRange: it does not have the size that was announced for it.
  if (error.code == Code::kDataLoss || error.code == Code::kOutOfRange)
    return drop(entry, Fault::kLied);
  if (error.code == Code::kUnimplemented) return drop(entry, Fault::kOld);
  if (!may_heal(error.code)) return drop(entry, Fault::kGone);
  entry.fault = Fault::kUnreachable;
  const bool says_when = error.retry_after.has_value();
  const bool silent = error.code == Code::kDeadlineExceeded;
  const bool busy = says_when || error.code == Code::kResourceExhausted;
  if (entry.bytes == 0 && !busy && !silent && entry.failures >= kTriesOfAStranger)
    return drop(entry, Fault::kUnreachable);
  const milliseconds pause = says_when
                                 ? std::clamp(*error.retry_after, kShortestRetry, kLongestRetry)
                                 : back_off(entry.failures - 1);
  entry.not_before = now + pause;
  if (entry.failures > 1) return std::nullopt;
  return entry.source.label() + ": " + error.message + "; trying again";
}

std::optional<std::string> SourceBook::drop(Entry& entry, Fault fault) {
  entry.fault = fault;
  entry.dropped = true;
  if (fault == Fault::kOld) return std::nullopt;
  return entry.source.label() + ": " + entry.reason + "; no longer asked";
}

std::optional<Clock::Steady> SourceBook::next_chance() const {
  std::optional<Clock::Steady> next;
  for (const Entry& each : entries_) {
    if (!each.dropped && (!next || each.not_before < *next)) next = each.not_before;
  }
  return next;
}

bool SourceBook::any_untried() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& each) { return !each.dropped && !each.tried; });
}

std::size_t SourceBook::usable() const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                [](const Entry& each) { return !each.dropped; }));
}

bool SourceBook::only_liars() const {
  bool any = false;
  for (const Entry& each : entries_) {
    if (each.fault != Fault::kLied && (!each.dropped || each.bytes > 0)) return false;
    any = any || each.fault == Fault::kLied;
  }
  return any;
}

Error SourceBook::verdict() const {
  std::string reasons;
  std::size_t shown = 0;
  Code code = Code::kNotFound;
  for (const Entry& each : entries_) {
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

std::vector<SourceReport> SourceBook::reports() const {
  std::vector<SourceReport> reports;
  for (const Entry& each : entries_)
    reports.push_back({each.source.label(), each.bytes, each.fault == Fault::kLied});
  return reports;
}

}  // namespace trueque
