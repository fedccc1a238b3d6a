// Threads that hash files, at a lower priority than those that serve them.
// Each reads in portions of 256 KiB, so memory is small. Results are collected
// by one thread, which `on_result` wakes (it is called from the workers and must
// not block). Any thread may call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/content/content_id.h"
#include "peer_server/core/folder_root.h"

namespace trueque {

struct HashJob {
  std::string name;
  FileStamp stamp;  // the file must still have it, before and after
};

struct HashOutcome {
  HashJob job;
  // kFailedPrecondition: it changed meanwhile.
  Status status;
  ContentId id;
  std::vector<Sha256> pieces;
};

// Hashes one open file; `stop` ends it early with kCancelled, `progress` counts bytes.
HashOutcome hash_file(const FolderRoot& root, const HashJob& job, const std::atomic<bool>& stop,
                      std::atomic<std::uint64_t>& progress);

class HashWorkers {
 public:
  HashWorkers(const FolderRoot& root, unsigned threads, std::function<void()> on_result);
  ~HashWorkers();  // ends the running jobs early
  HashWorkers(const HashWorkers&) = delete;
  HashWorkers& operator=(const HashWorkers&) = delete;

  void add(HashJob job);
  std::vector<HashOutcome> take_results();
  // Bytes hashed so far, by all threads.
  std::uint64_t bytes_hashed() const { return bytes_hashed_; }

 private:
  void run();

  const FolderRoot& root_;
  std::function<void()> on_result_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> bytes_hashed_ = 0;
  std::mutex mutex_;  // guards jobs_ and results_
  std::condition_variable wake_;
  std::deque<HashJob> jobs_;
  std::vector<HashOutcome> results_;
  std::vector<std::thread> threads_;
};

}  // namespace trueque
