#include "peer_client/cli/fetch_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>

#include "common/base/text.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

using Kind = DownloadOutcome::Result;

constexpr std::size_t kLinesShown = 20;

std::string human_seconds(double seconds) {
  if (seconds >= 60) return human_duration(std::chrono::seconds(static_cast<long long>(seconds)));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

// "1.2 s, 10.0 MiB/s"; of what was all here, and of empty files, the time alone.
std::string pace(std::uint64_t bytes, double seconds) {
  constexpr double kShortest = 0.001;
  if (bytes == 0) return human_seconds(seconds);
  return human_seconds(seconds) + ", " +
         human_rate(static_cast<double>(bytes) / std::max(seconds, kShortest));
}

std::uint64_t bytes_moved(const TransferReport& report) {
  std::uint64_t bytes = 0;
  for (const SourceReport& each : report.sources) bytes += each.bytes;
  return bytes;
}

std::size_t sources_used(const TransferReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.sources.begin(), report.sources.end(),
                    [](const SourceReport& each) { return each.bytes > 0; }));
}

const char* result_name(Kind result) {
  switch (result) {
    case Kind::kFetched:
      return "fetched";
    case Kind::kAlready:
      return "already";
    case Kind::kPlaceholder:
      return "placeholder";
  }
  return "failed";
}

std::string fetched_sentence(const DownloadOutcome& outcome, const TransferReport& report,
                             double seconds) {
  const std::string file =
      outcome.file_name + " (" + human_size(outcome.content->size) + ", verified)";
  if (outcome.copied_from)
    return "Copied " + file + " from " + *outcome.copied_from + " to " + outcome.path;
  const std::size_t sources = sources_used(report);
  const bool all_here = report.fetched == 0 && outcome.content->size > 0;
  return "Fetched " + file + " to " + outcome.path + " in " + pace(report.fetched, seconds) +
         (sources > 0 ? ", from " + plural(sources, "source") : "") +
         (all_here ? "; an earlier run had fetched all of it" : "") +
         (report.wasted > 0 ? "; " + human_size(report.wasted) + " fetched in vain" : "");
}

// What came of it; of a placeholder the peer's own words.
std::string sentence(const DownloadOutcome& outcome, const TransferReport& report, double seconds) {
  switch (outcome.result) {
    case Kind::kFetched:
      return fetched_sentence(outcome, report, seconds);
    case Kind::kAlready:
      return "You have " + outcome.file_name + " already: " + outcome.path;
    case Kind::kPlaceholder:
      return outcome.message;
  }
  return "";
}

class Lines {
 public:
  void add(const std::string& sentence) {
    if (count_++ < kLinesShown) text_ += "  " + printable(sentence) + "\n";
  }
  std::string text() const {
    if (count_ <= kLinesShown) return text_;
    return text_ + "  ... and " + std::to_string(count_ - kLinesShown) + " more\n";
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

// Each who lied once, with the first lie.
std::string bans_of(const FetchReport& report) {
  std::map<std::string, std::string> bans;
  for (DownloadQueue::Item item = 0; item < report.queue.size(); ++item) {
    for (const SourceReport& each : report.queue.report(item).sources) {
      if (each.lied) bans.emplace(each.label, each.reason);
    }
  }
  std::string text;
  for (const auto& [label, lie] : bans)
    text += printable("Left out: " + label + ", because it " + lie) + "\n";
  return text;
}

std::string not_indexed(const FetchReport& report) {
  std::string text;
  std::string rest = report.not_indexed.value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text += printable(rest.substr(0, end)) + "\n";
    rest.erase(0, end + 1);
  }
  return text;
}

Json source_entries(const TransferReport& report) {
  Json entries = Json::array();
  for (const SourceReport& each : report.sources)
    entries.push_back({{"peer", each.label},
                       {"bytes", each.bytes},
                       {"banned", each.lied},
                       {"reason", each.reason.empty() ? Json(nullptr) : Json(each.reason)}});
  return entries;
}

Json entry_with(const std::string& name, const std::optional<Content>& content) {
  return {{"file_name", name},
          {"path", nullptr},
          {"size", content ? Json(content->size) : Json(nullptr)},
          {"content_id", content ? Json(content->id.hex()) : Json(nullptr)},
          {"result", "failed"},
          {"error", nullptr},
          {"copied_from", nullptr},
          {"sources", Json::array()},
          {"refetched_bytes", 0},
          {"refetched_pieces", 0}};
}

// Calls `visit` with the error of each item and name that failed, and whose it is.
template <typename Visit>
void each_failure(const FetchReport& report, Visit visit) {
  for (DownloadQueue::Item item = 0; item < report.queue.size(); ++item) {
    const DownloadQueue::Outcome& outcome = *report.queue.outcome(item);
    if (!outcome) visit(report.queue.choice(item).file_name, outcome.error());
  }
  for (const Selection::Miss& miss : report.misses) visit(miss.name, miss.error);
}

Error failure_of(const FetchSummary& summary, const std::set<ExitCode>& kinds, const Error& first) {
  const std::size_t all = summary.fetched + summary.already + summary.placeholder + summary.failed;
  const Code code = kinds.size() == 1 ? first.code : Code::kInternal;
  if (code == Code::kCancelled) return make_error(code, "interrupted; run it again to go on");
  if (all == 1) return make_error(code, first.message);
  return make_error(code,
                    std::to_string(summary.failed) + " of " + plural(all, "file") + " failed");
}

}  // namespace

FetchSummary summary_of(const FetchReport& report) {
  FetchSummary summary;
  summary.seconds = report.time.count();
  for (DownloadQueue::Item item = 0; item < report.queue.size(); ++item) {
    const DownloadQueue::Outcome& outcome = *report.queue.outcome(item);
    summary.moved += bytes_moved(report.queue.report(item));
    if (!outcome) continue;
    if (outcome->result == Kind::kAlready) ++summary.already;
    if (outcome->result == Kind::kPlaceholder) ++summary.placeholder;
    if (outcome->result != Kind::kFetched) continue;
    ++summary.fetched;
    summary.bytes += outcome->content->size;
  }
  std::set<ExitCode> kinds;
  std::optional<Error> first;
  std::size_t cut_short = 0;
  each_failure(report, [&](const std::string&, const Error& error) {
    ++summary.failed;
    if (error.code == Code::kCancelled) ++cut_short;
    kinds.insert(exit_code_for(error.code));
    if (!first) first = error;
  });
  if (first) summary.failure = failure_of(summary, kinds, *first);
  // Whatever else failed before: who interrupted it hears of that.
  if (cut_short > 0 && kinds.size() > 1) {
    summary.failure =
        make_error(Code::kCancelled, "interrupted: " + std::to_string(cut_short) + " left, " +
                                         std::to_string(summary.failed - cut_short) + " failed");
  }
  return summary;
}

std::string describe_one(const FetchReport& report) {
  std::string text = bans_of(report);
  if (report.queue.size() == 0) return text;
  const DownloadQueue::Outcome& outcome = *report.queue.outcome(0);
  if (outcome)
    text += printable(sentence(*outcome, report.queue.report(0), report.time.count())) + "\n";
  return text + not_indexed(report);
}

std::string describe_many(const FetchReport& report) {
  const FetchSummary summary = summary_of(report);
  std::string text = bans_of(report);
  Lines messages;
  for (DownloadQueue::Item item = 0; item < report.queue.size(); ++item) {
    const DownloadQueue::Outcome& outcome = *report.queue.outcome(item);
    if (outcome && outcome->result == Kind::kPlaceholder) messages.add(outcome->message);
  }
  text += messages.text() + "Fetched " + plural(summary.fetched, "file");
  if (summary.fetched > 0) {
    text += " (" + human_size(summary.bytes) + ") in " + pace(summary.moved, summary.seconds);
  }
  if (summary.already > 0) text += "; " + std::to_string(summary.already) + " already here";
  if (summary.placeholder > 0)
    text += "; " + plural(summary.placeholder, "name") + " without a file";
  Lines failures;
  std::size_t cut_short = 0;
  each_failure(report, [&](const std::string& name, const Error& error) {
    if (error.code == Code::kCancelled) {
      ++cut_short;
    } else {
      failures.add((name.empty() ? "" : name + ": ") + error.message);
    }
  });
  if (cut_short > 0) text += "; " + std::to_string(cut_short) + " left when interrupted";
  const std::size_t failed = summary.failed - cut_short;
  text += failed > 0 ? "; " + std::to_string(failed) + " failed:\n" + failures.text() : ".\n";
  return text + not_indexed(report);
}

// A single failure is the error itself: to say it twice helps nobody.
std::string describe_beside_error(const FetchReport& report) {
  const bool single = report.queue.size() + report.misses.size() == 1;
  return single && summary_of(report).failed == 1 ? describe_one(report) : describe_many(report);
}

Json entry_of(const DownloadQueue& queue, DownloadQueue::Item item) {
  const FileChoice& choice = queue.choice(item);
  const DownloadQueue::Outcome& outcome = *queue.outcome(item);
  std::optional<Content> content;
  if (choice.content) content = Content{choice.size, *choice.content};
  Json entry = entry_with(choice.file_name, outcome ? outcome->content : content);
  const TransferReport& report = queue.report(item);
  entry["sources"] = source_entries(report);
  entry["refetched_bytes"] = report.wasted;
  entry["refetched_pieces"] = report.wasted_pieces;
  if (!outcome) {
    entry["error"] = outcome.error().message;
    return entry;
  }
  if (!outcome->path.empty()) entry["path"] = outcome->path;
  entry["result"] = result_name(outcome->result);
  entry["copied_from"] = or_null(outcome->copied_from);
  return entry;
}

Json failed_entry(const Selection::Miss& miss) {
  Json entry = entry_with(miss.name, miss.content);
  entry["error"] = miss.error.message;
  return entry;
}

Json document_of(const FetchReport& report) {
  Json document = {{"files", Json::array()}};
  for (DownloadQueue::Item item = 0; item < report.queue.size(); ++item)
    document["files"].push_back(entry_of(report.queue, item));
  for (const Selection::Miss& miss : report.misses) document["files"].push_back(failed_entry(miss));
  const FetchSummary summary = summary_of(report);
  document["summary"] = {{"fetched", summary.fetched},
                         {"already", summary.already},
                         {"placeholder", summary.placeholder},
                         {"failed", summary.failed},
                         {"bytes", summary.bytes},
                         {"moved_bytes", summary.moved},
                         {"seconds", summary.seconds}};
  return document;
}

}  // namespace trueque
