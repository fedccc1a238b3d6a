#include "peer_client/core/download_team.h"

#include <algorithm>
#include <thread>

namespace trueque {
namespace {

// Tells the queue's observer of one item.
class ItemObserver final : public DownloadObserver {
 public:
  ItemObserver(QueueObserver& observer, DownloadQueue::Item item)
      : observer_(observer), item_(item) {}

  void progress(std::uint64_t done, std::uint64_t total) override {
    observer_.progress(item_, done, total);
  }
  void note(const std::string& sentence) override { observer_.note(item_, sentence); }
  void sources(const std::vector<std::string>& labels) override {
    observer_.sources(item_, labels);
  }
  void ended(const TransferReport& report) override { report_ = report; }

  const TransferReport& report() const { return report_; }

 private:
  QueueObserver& observer_;
  DownloadQueue::Item item_;
  TransferReport report_;
};

using Liars = std::map<std::string, std::string>;

Liars liars_of(const TransferReport& report) {
  Liars liars;
  for (const SourceReport& each : report.sources) {
    if (each.lied) liars.emplace(each.label, each.reason);
  }
  return liars;
}

void leave_out(const Liars& liars, std::vector<FileSource>& sources) {
  if (liars.empty()) return;
  std::erase_if(sources, [&](const FileSource& row) {
    const TransferSource source{row.peer_name, {row.peer_ip, row.peer_port.value_or(0)}};
    return liars.contains(source.label());
  });
}

Error only_liars(const Liars& liars) {
  std::string reasons;
  for (const auto& [label, reason] : liars)
    reasons += (reasons.empty() ? "" : "; ") + label + ": " + reason;
  return make_error(Code::kDataLoss, "no source gave the right file: " + reasons);
}

}  // namespace

DownloadTeam::DownloadTeam(Downloader& downloader, SmallFiles& small_files, const Clock& clock,
                           QueueTerms terms, QueueObserver& observer)
    : downloader_(downloader),
      small_files_(small_files),
      clock_(clock),
      terms_(std::move(terms)),
      observer_(observer) {}

void DownloadTeam::run(DownloadQueue& queue, Cancellation& cancellation) {
  small_files_.run(queue, {terms_.output, terms_.keep_path, terms_.jobs}, observer_, cancellation);
  if (!queue.done() && !cancellation.cancelled()) complete_sources(queue);
  std::vector<std::thread> threads;
  const std::size_t jobs = std::min<std::size_t>(std::max(1U, terms_.jobs), queue.size());
  for (std::size_t job = 1; job < jobs; ++job)
    threads.emplace_back([&] { work(queue, cancellation); });
  work(queue, cancellation);
  for (std::thread& thread : threads) thread.join();
  queue.finish_rest(make_error(Code::kCancelled, "interrupted"));
}

void DownloadTeam::complete_sources(DownloadQueue& queue) {
  if (!terms_.add_sources) return;
  std::vector<FileChoice*> choices;
  for (DownloadQueue::Item item = 0; item < queue.size(); ++item) {
    if (!queue.outcome(item) && queue.choice(item).content) choices.push_back(&queue.choice(item));
  }
  terms_.add_sources(choices);
}

void DownloadTeam::work(DownloadQueue& queue, Cancellation& cancellation) {
  std::unique_lock lock(mutex_);
  while (!queue.done() && !cancellation.cancelled()) {
    const std::optional<DownloadQueue::Item> item = queue.next();
    if (!item) {
      // What is left waits for a content that another job fetches.
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    fetch(queue, *item, cancellation);
    lock.lock();
    changed_.notify_all();
  }
  changed_.notify_all();
}

void DownloadTeam::fetch(DownloadQueue& queue, DownloadQueue::Item item,
                         Cancellation& cancellation) {
  observer_.begun(item);
  ItemObserver observer(observer_, item);
  const Liars liars = liars_of(queue.report(item));
  FileChoice choice = queue.choice(item);
  leave_out(liars, choice.sources);
  const bool none_left = downloader_.sources_of(choice.sources, false).empty();
  DownloadQueue::Outcome outcome =
      none_left && !liars.empty() ? DownloadQueue::Outcome(only_liars(liars))
                                  : outcome_of(preferred(choice), liars, cancellation, observer);
  observer_.ended(item, outcome);
  const std::lock_guard lock(mutex_);
  away_.told(downloader_.sources_of(choice.sources, false), observer.report(), clock_.steady());
  queue.report(item, observer.report());
  queue.finish(item, std::move(outcome));
}

FileChoice DownloadTeam::preferred(const FileChoice& choice) {
  FileChoice preferred = choice;
  const std::lock_guard lock(mutex_);
  std::erase_if(preferred.sources, [this](const FileSource& row) {
    const auto sources = downloader_.sources_of({&row, 1}, false);
    return !sources.empty() && away_.is_avoided(sources.front().endpoint, clock_.steady());
  });
  // Of those that are left one has to be somebody else.
  return downloader_.sources_of(preferred.sources, false).empty() ? choice : preferred;
}

DownloadQueue::Outcome DownloadTeam::outcome_of(const FileChoice& choice, const Liars& liars,
                                                Cancellation& cancellation,
                                                DownloadObserver& observer) {
  const std::vector<TransferSource> sources = downloader_.sources_of(choice.sources, false);
  {
    const std::lock_guard lock(mutex_);
    if (const auto away = away_.all_away(sources, clock_.steady())) return *away;
  }
  DownloadQueue::Outcome outcome =
      downloader_.fetch(request_for(choice, liars), cancellation, observer);
  const std::lock_guard lock(mutex_);
  if (!outcome) {
    away_.failed(sources, outcome.error(), clock_.steady());
  } else if (outcome->result == DownloadOutcome::Result::kFetched) {
    away_.gave(sources);
  }
  return outcome;
}

DownloadRequest DownloadTeam::request_for(const FileChoice& choice, const Liars& liars) const {
  DownloadRequest request;
  request.choice = choice;
  request.output = terms_.output;
  request.join_swarm = terms_.join_swarm;
  request.leave_swarm = terms_.leave_swarm;
  request.keep_path = terms_.keep_path;
  if (choice.content && terms_.find_sources) {
    request.more_sources = [find = terms_.find_sources, content = *choice.content, liars] {
      std::vector<FileSource> sources = find(content);
      leave_out(liars, sources);
      return sources;
    };
  }
  return request;
}

}  // namespace trueque
