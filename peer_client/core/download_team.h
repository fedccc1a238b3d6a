// Works a DownloadQueue off: first the many small files, a channel a source, then the
// others, `jobs` at once. One that fails stops no other. run() returns when all are done.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "peer_client/core/away_peers.h"
#include "peer_client/core/downloader.h"
#include "peer_client/core/serial_observer.h"
#include "peer_client/core/small_files.h"

namespace trueque {

// What is the same for every download of a queue.
struct QueueTerms {
  unsigned jobs = 4;                  // downloads at once
  std::optional<std::string> output;  // as of DownloadRequest
  bool keep_path = false;
  // Who has a content now, and the same for many: adds them to each choice. May be empty.
  std::function<std::vector<FileSource>(const ContentId&)> find_sources;
  std::function<void(std::span<FileChoice*>)> add_sources;
  // As of DownloadRequest; may be empty.
  std::function<Result<SwarmReply>(const Content&)> join_swarm;
  std::function<void(const Content&)> leave_swarm;
};

class DownloadTeam {
 public:
  DownloadTeam(Downloader& downloader, SmallFiles& small_files, const Clock& clock,
               QueueTerms terms, QueueObserver& observer);

  // Cancelling ends all with kCancelled; parts stay.
  void run(DownloadQueue& queue, Cancellation& cancellation);

 private:
  // By label: the reasons of sources that lied of a file in this run.
  using Liars = std::map<std::string, std::string>;

  void complete_sources(DownloadQueue& queue);
  void work(DownloadQueue& queue, Cancellation& cancellation);
  void fetch(DownloadQueue& queue, DownloadQueue::Item item, Cancellation& cancellation);
  // Without the sources that are better not asked, where there are others.
  FileChoice preferred(const FileChoice& choice);
  DownloadQueue::Outcome outcome_of(const FileChoice& choice, const Liars& liars,
                                    Cancellation& cancellation, DownloadObserver& observer);
  DownloadRequest request_for(const FileChoice& choice, const Liars& liars) const;

  Downloader& downloader_;
  SmallFiles& small_files_;
  const Clock& clock_;
  const QueueTerms terms_;
  SerialObserver observer_;

  std::mutex mutex_;  // guards the next one, and the queue while threads work
  AwayPeers away_;
  std::condition_variable changed_;
};

}  // namespace trueque
