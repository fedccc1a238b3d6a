// The shared folder of a peer: which files it shares, what they hash to, and the
// files themselves for reading. Keeps up with changes by itself.
//
// One thread of its own scans, watches and rescans; it alone changes what is
// known, and worker threads hash. A file is hashed once it rests, and shared once
// it is hashed. Lookups may come from any thread and never wait for the disk,
// but for opening the file and reading its piece hashes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/logging.h"
#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "peer_server/core/folder_index.h"
#include "peer_server/core/folder_root.h"
#include "peer_server/core/folder_scanner.h"
#include "peer_server/core/folder_watcher.h"
#include "peer_server/core/hash_cache.h"
#include "peer_server/core/hash_pace.h"
#include "peer_server/core/hash_workers.h"
#include "peer_server/core/open_file.h"
#include "peer_server/core/partial_files.h"

namespace trueque {

struct FolderOptions {
  std::string path;
  std::string cache_directory;  // "" keeps no hashes between starts
  std::chrono::milliseconds rescan{3'600'000};
  std::chrono::milliseconds rest{1'000};  // unchanged for so long is resting
  unsigned hash_threads = 0;              // 0: one a core, at most 32
};

struct FileDetails {
  std::string name;
  Content content;
  std::vector<Sha256> pieces;  // in order; none for the empty file
  std::vector<bool> held;      // by piece, of a download that goes on; empty: all
};

class SharedFolder {
 public:
  // Told of names that joined or left, in order, from the folder's thread. Must be
  // quick and not call back.
  using Listener = std::function<void(const std::vector<FolderChange>&)>;

  // Opens the folder and starts to scan it. `log` must outlive it.
  static Result<std::unique_ptr<SharedFolder>> open(FolderOptions options, const Log& log,
                                                    Listener listener = {});
  ~SharedFolder();
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  const std::string& path() const { return root_.path(); }

  // By whole name, or by a last component that only one content has (else
  // kFailedPrecondition). kUnavailable while it is still being hashed, kNotFound.
  Result<FileDetails> find_by_name(std::string_view name) const;
  // What is not shared whole may be known in part.
  Result<FileDetails> find_by_content(const ContentId& id);
  // Whether a file of this name or last component is in the folder, hashed or not.
  Status contains(std::string_view name) const;
  // Opens a file of this content; of several, the first that is still unchanged.
  Result<OpenFile> open_content(const ContentId& id);
  // A download of this content that goes on, where it holds this range. kNotFound,
  // kUnavailable, kOutOfRange.
  Result<OpenPart> open_part(const ContentId& id, std::uint64_t offset, std::uint64_t length) {
    return partial_.open(id, offset, length);
  }
  // So many bytes of any file were sent: hashing yields to it.
  void note_served(std::uint64_t bytes) { pace_.note_served(bytes); }
  // All that is shared now, a page at a time: FolderIndex::page.
  std::vector<SharedFile> page(std::size_t& from, std::size_t limit) const;
  // Settled once what was there at the start is hashed, and whenever the listener has been
  // told of all that changed since.
  FolderSummary summary() const;

  // Waits until everything seen so far is hashed; false when that takes longer.
  bool wait_until_settled(std::chrono::milliseconds limit) const;

 private:
  using Steady = Clock::Steady;

  SharedFolder(FolderRoot root, FolderOptions options, const Log& log, Listener listener);

  void run();
  void scan(const std::string& folder);
  void forget_unseen(const std::string& folder);
  // Notices that the folder at the path is gone, or another one.
  void follow_root();
  void look_at_links();
  void tell_of_refused(const std::string& name, const Error& error);
  void scan_one(const std::string& folder, std::vector<std::string>& pending);
  std::size_t note(const FolderListing& listing);
  // True when the file is there and as it was known.
  bool look_again(const std::string& name);
  void handle_events();
  void handle_results();
  void keep_result(const HashOutcome& outcome);
  void keep_unfinished();
  void hash(HashJob job);
  void hash_what_rests();
  void publish();
  void report_progress();
  void wait_for_work();
  void warn_of_watch_limit();
  void wake() const;
  Result<FileDetails> find_whole(const ContentId& id) const;
  Result<FileDetails> with_pieces(const FolderIndex::NamedFile& file,
                                  std::unique_lock<std::mutex>& lock) const;
  Result<std::vector<std::pair<std::string, FileStamp>>> names_of(const ContentId& id) const;
  Error not_scanned_yet() const;

  FolderRoot root_;
  const FolderOptions options_;
  const Log& log_;
  const Listener listener_;
  const SystemClock clock_;
  PartialFiles partial_;
  UniqueFd wake_;  // an eventfd

  mutable std::mutex mutex_;  // guards the next six, but the condition
  mutable std::condition_variable settled_changed_;
  FolderIndex index_;
  std::set<std::string> suspects_;  // names to look at again
  bool scanned_ = false;            // the first scan is over
  // What was there at the start is hashed, but for what changes all the time.
  bool caught_up_ = false;
  bool settled_ = false;  // scanned, nothing rests and nothing is hashed
  bool telling_ = false;  // the listener, of changes taken from index_

  // Of the folder's thread alone.
  HashCache cache_;
  FolderWatcher watcher_;
  std::uint32_t scan_number_ = 0;
  std::map<std::string, Steady> resting_;  // when to look whether it still changes
  // Links change by what they lead to, of which no event tells: they are looked at
  // again, gathered, when anything changes.
  std::set<std::string> links_;
  std::optional<Steady> links_due_;
  Steady::duration links_cost_{};  // of the last look
  std::set<std::string> refused_;  // names the log has told of
  bool root_gone_ = false;         // then nothing is shared
  Steady next_rescan_;
  Steady next_report_;
  Steady catch_up_until_;
  bool announced_ready_ = false;
  bool warned_of_limit_ = false;

  std::atomic<bool> stop_ = false;
  HashPace pace_{clock_};
  HashWorkers workers_;
  std::thread thread_;
};

}  // namespace trueque
