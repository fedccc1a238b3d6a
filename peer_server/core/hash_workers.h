// Threads that hash files, at a lower priority than those that serve them, and at the
// pace these leave them (HashPace). They work on a large file together, piece by piece. The
// smallest file comes first, so that a large one keeps no others waiting: it rests while smaller
// ones are hashed. Results are collected by one thread, which `on_result` wakes (it is called from
// the workers and must not block). Any thread may call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/content/content_id.h"
#include "peer_server/core/folder_root.h"
#include "peer_server/core/hash_pace.h"

namespace trueque {

struct HashJob {
  std::string name;
  FileStamp stamp;            // the file must still have it, before and after
  std::vector<Sha256> known;  // the hashes of its first pieces, from an earlier start
};

struct HashOutcome {
  HashJob job;
  // kFailedPrecondition: it changed meanwhile.
  Status status;
  ContentId id;
  std::vector<Sha256> pieces;
};

// How far a large file has come: the hashes of its first pieces.
struct HashProgress {
  std::string name;
  FileStamp stamp;
  std::vector<Sha256> pieces;
};

class HashWorkers {
 public:
  // References must outlive it.
  HashWorkers(const FolderRoot& root, const HashPace& pace, unsigned threads,
              std::function<void()> on_result);
  ~HashWorkers();
  HashWorkers(const HashWorkers&) = delete;
  HashWorkers& operator=(const HashWorkers&) = delete;

  void add(HashJob job);
  std::vector<HashOutcome> take_results();
  // Told of a file each 256 MiB, or 64th part if that is more, and when it is cut short.
  std::vector<HashProgress> take_progress();
  // Ends the running jobs early and the threads. Once.
  void stop();
  // Bytes hashed so far, by all threads.
  std::uint64_t bytes_hashed() const { return bytes_hashed_; }

 private:
  class File;

  using Lock = std::unique_lock<std::mutex>;

  void run();
  void rest(Lock& lock, HashPace::Duration time);
  // The next of a file that is begun, else of one that waits. False when there is none.
  bool choose(std::shared_ptr<File>& file, HashJob& job);
  std::shared_ptr<File> begin(HashJob job);
  void work_on(const std::shared_ptr<File>& file);
  void note_progress(File& file);
  void finish(const std::shared_ptr<File>& file);
  void add_result(HashOutcome outcome);

  const FolderRoot& root_;
  const HashPace& pace_;
  std::function<void()> on_result_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> bytes_hashed_ = 0;
  mutable std::mutex mutex_;  // guards all below, but the threads
  std::condition_variable wake_;
  std::condition_variable stopping_;
  std::vector<HashJob> jobs_;  // those that wait: a heap, the smallest file on top
  std::vector<std::shared_ptr<File>> begun_;
  std::vector<HashOutcome> results_;
  std::vector<HashProgress> progress_;
  std::vector<std::thread> threads_;
};

}  // namespace trueque
