#include "peer_client/core/source_book.h"

#include <algorithm>
#include <tuple>

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

// Left, but worth another try where there is nobody else.
bool is_last_resort(const SourceBook::Entry& entry) {
  return entry.dropped && entry.fault == SourceBook::Fault::kUnreachable;
}

bool cannot_help(const SourceBook::Entry& entry) {
  return entry.dropped &&
         (entry.fault == SourceBook::Fault::kLied || entry.fault == SourceBook::Fault::kOld);
}

bool is_promising(const SourceBook::Entry& entry) { return !entry.dropped && entry.failures == 0; }

// A sentence, unless the last one gave the same reason: one that is asked again and again
// in vain is no news.
std::optional<std::string> news(SourceBook::Entry& entry, const char* what_now) {
  if (entry.said == entry.reason) return std::nullopt;
  entry.said = entry.reason;
  return entry.source.label() + ": " + entry.reason + "; " + what_now;
}

std::optional<std::chrono::milliseconds> busy_one(const std::vector<SourceBook::Entry>& entries) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [](const SourceBook::Entry& each) { return each.busy; });
  return found == entries.end() ? std::nullopt : found->busy;
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
      continue;
    }
    known->source.partial = known->source.partial && source.partial;
    if (known->dropped && !cannot_help(*known)) {
      known->dropped = false;
      known->failures = 0;
      known->not_before = {};
    }
  }
}

std::optional<SourceBook::Index> SourceBook::claim(Clock::Steady now, unsigned most_lanes) {
  std::optional<Index> best = best_of(now, most_lanes, false);
  if (!best && usable() == 0) best = best_of(now, most_lanes, true);
  if (best) {
    entries_[*best].dropped = false;
    ++entries_[*best].lanes;
    entries_[*best].tried = true;
  }
  return best;
}

std::optional<SourceBook::Index> SourceBook::best_of(Clock::Steady now, unsigned most_lanes,
                                                     bool last_resort) const {
  std::optional<Index> best;
  for (Index index = 0; index < entries_.size(); ++index) {
    const Entry& each = entries_[index];
    if (last_resort ? !is_last_resort(each) : each.dropped) continue;
    if (each.not_before > now) continue;
    if (each.lanes >= (each.source.partial ? 1 : most_lanes)) continue;
    const auto rank = [](const Entry& entry) {
      return std::tuple(entry.lanes, entry.source.partial, entry.not_before);
    };
    if (!best || rank(each) < rank(entries_[*best])) best = index;
  }
  return best;
}

void SourceBook::delivered(Index index, std::uint64_t bytes) {
  entries_[index].bytes += bytes;
  entries_[index].speaks = true;
  entries_[index].failures = 0;
  entries_[index].said.clear();
}

std::optional<std::string> SourceBook::failed(Index index, const Error& error, Clock::Steady now) {
  Entry& entry = entries_[index];
  if (entry.dropped) return std::nullopt;  // by its other lane
  entry.reason = error.message;
  ++entry.failures;
  entry.busy.reset();
  const bool lied = is_lie(error.code);
  if (entry.source.partial && !lied) {
    failed_with_a_part(entry, error, now);
    return std::nullopt;
  }
  if (lied) return drop(entry, Fault::kLied, now);
  const bool refuses = error.code == Code::kUnimplemented;
  if (refuses && !entry.speaks) return drop(entry, Fault::kOld, now);
  if (!refuses && !may_heal(error.code)) return drop(entry, Fault::kGone, now);
  entry.fault = Fault::kUnreachable;
  const bool says_when = error.retry_after.has_value();
  const bool silent = error.code == Code::kDeadlineExceeded;
  const bool busy = says_when || error.code == Code::kResourceExhausted;
  if (entry.bytes == 0 && !busy && !silent && entry.failures >= kTriesOfAStranger)
    return drop(entry, Fault::kUnreachable, now);
  const milliseconds pause = says_when
                                 ? std::clamp(*error.retry_after, kShortestRetry, kLongestRetry)
                                 : back_off(entry.failures - 1);
  if (busy) entry.busy = pause;
  entry.not_before = now + pause;
  if (entry.failures > 1) return std::nullopt;
  return news(entry, "trying again");
}

void SourceBook::failed_with_a_part(Entry& entry, const Error& error, Clock::Steady now) {
  const bool rests = error.retry_after.has_value() || error.code == Code::kResourceExhausted;
  const milliseconds pause = error.retry_after.value_or(back_off(entry.failures - 1));
  entry.not_before = now + std::clamp(pause, kShortestRetry, kLongestRetry);
  if (may_heal(error.code) && (rests || entry.failures < kTriesOfAStranger)) return;
  entry.fault = may_heal(error.code) ? Fault::kUnreachable : Fault::kGone;
  entry.dropped = true;
}

std::optional<std::string> SourceBook::drop(Entry& entry, Fault fault, Clock::Steady now) {
  entry.fault = fault;
  entry.dropped = true;
  entry.not_before = now + back_off(entry.failures);
  if (fault == Fault::kOld) return std::nullopt;
  return news(entry, fault == Fault::kLied ? "no longer asked" : "left for now");
}

std::optional<Clock::Steady> SourceBook::next_chance() const {
  const bool nobody_else = usable() == 0;
  std::optional<Clock::Steady> next;
  for (const Entry& each : entries_) {
    const bool counts = nobody_else ? is_last_resort(each) : !each.dropped;
    if (counts && (!next || each.not_before < *next)) next = each.not_before;
  }
  return next;
}

bool SourceBook::any_promising() const {
  return std::any_of(entries_.begin(), entries_.end(), is_promising);
}

std::vector<SourceBook::Index> SourceBook::promising() const {
  std::vector<Index> found;
  for (Index index = 0; index < entries_.size(); ++index) {
    if (is_promising(entries_[index])) found.push_back(index);
  }
  return found;
}

bool SourceBook::hopeless() const {
  return std::all_of(entries_.begin(), entries_.end(), [](const Entry& each) {
    return cannot_help(each) || (each.dropped && each.source.partial);
  });
}

std::string SourceBook::absent() const {
  std::string text;
  std::size_t shown = 0;
  for (const Entry& each : entries_) {
    if (each.reason.empty() || each.source.partial || cannot_help(each) || ++shown > kReasonsShown)
      continue;
    text += (text.empty() ? "" : "; ") + each.source.label() + " " + each.reason;
  }
  return text;
}

bool SourceBook::any_untried() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& each) {
    return !each.dropped && !each.tried && !each.source.partial;
  });
}

bool SourceBook::any_unproven() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& each) {
    return !each.dropped && !each.sent && each.failures == 0 && !each.source.partial;
  });
}

bool SourceBook::any_other(Index index) const {
  for (Index each = 0; each < entries_.size(); ++each) {
    if (each != index && !entries_[each].dropped) return true;
  }
  return false;
}

bool SourceBook::anyone_waits(Clock::Steady now) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& each) {
    return !each.dropped && each.lanes == 0 && each.not_before <= now;
  });
}

std::size_t SourceBook::usable_whole() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const Entry& each) { return !each.dropped && !each.source.partial; }));
}

std::size_t SourceBook::usable_partial() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const Entry& each) { return !each.dropped && each.source.partial; }));
}

std::size_t SourceBook::doubled_lanes() const {
  std::size_t lanes = 0;
  for (const Entry& each : entries_) {
    if (!each.source.partial && each.lanes > 1) lanes += each.lanes - 1;
  }
  return lanes;
}

bool SourceBook::only_liars() const {
  bool any = false;
  for (const Entry& each : entries_) {
    const bool may_help = !each.dropped && !each.source.partial;
    if (each.fault != Fault::kLied && (may_help || each.bytes > 0)) return false;
    any = any || each.fault == Fault::kLied;
  }
  return any;
}

Error SourceBook::verdict() const {
  std::string reasons;
  std::size_t shown = 0;
  Code code = Code::kNotFound;
  for (const Entry& each : entries_) {
    if (each.source.partial && each.fault != Fault::kLied) {
      // It never was relied on; that it is still there means that waiting may help.
      if (!each.dropped && code == Code::kNotFound) code = Code::kUnavailable;
      continue;
    }
    if (each.fault == Fault::kUnreachable && code == Code::kNotFound) code = Code::kUnavailable;
    if (each.fault == Fault::kLied) code = Code::kDataLoss;
    if (each.reason.empty() || ++shown > kReasonsShown) continue;
    reasons += (reasons.empty() ? "" : "; ") + each.source.label() + ": " + each.reason;
  }
  if (code == Code::kDataLoss) return make_error(code, "no source gave the right file: " + reasons);
  if (code == Code::kUnavailable && reasons.empty())
    return make_error(code, "only peers that miss the same pieces are left; try again later");
  if (code == Code::kUnavailable) {
    return {code, "no source could be reached: " + reasons + "; try again later",
            busy_one(entries_)};
  }
  if (reasons.empty()) reasons = "there is no source";
  return make_error(code, "no peer has the file any more: " + reasons);
}

std::vector<SourceReport> SourceBook::reports() const {
  std::vector<SourceReport> reports;
  for (const Entry& each : entries_) {
    if (!each.tried) continue;
    const bool failed = each.dropped || each.failures > 0;
    reports.push_back({each.source.label(), each.bytes, each.fault == Fault::kLied,
                       failed ? each.reason : std::string()});
  }
  return reports;
}

}  // namespace trueque
