// The half of SharedFolder that runs on its own thread: scanning, watching,
// handing files to the hash workers and publishing what came of it.
#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>

#include "peer_server/core/folder_scanner.h"
#include "peer_server/core/shared_folder.h"

namespace trueque {
namespace {

constexpr std::chrono::seconds kReportEvery{5};
constexpr std::chrono::seconds kCatchUp{10};
// Events are read in bunches: a file being written makes thousands a second.
constexpr std::chrono::milliseconds kEventPause{50};
constexpr std::chrono::milliseconds kLinkPause{250};
constexpr int kLinkShare = 20;  // looking at links takes at most one part in so many
// The folder itself gives no event when it goes while it is open.
constexpr std::chrono::seconds kFollowEvery{2};

Clock::Steady steady_now() { return std::chrono::steady_clock::now(); }

// True when the file was last written at least `rest` ago by the calendar. A time
// to come, as after a clock was set back, does not count as rest.
bool is_old(const FileStamp& stamp, std::chrono::milliseconds rest) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(stamp.mtime_ns) + rest < now;
}

}  // namespace

void SharedFolder::run() {
  try {
    next_report_ = steady_now() + kReportEvery;
    cache_.load();
    scan("");
    cache_.forget_loaded();
    catch_up_until_ = steady_now() + kCatchUp;
    {
      const std::lock_guard lock(mutex_);
      scanned_ = true;
    }
    while (!stop_) {
      handle_results();
      hash_what_rests();
      publish();
      report_progress();
      wait_for_work();
      follow_root();
      handle_events();
      look_at_links();
      if (!stop_ && steady_now() >= next_rescan_) scan("");
    }
  } catch (const std::exception& failure) {
    log_.error("folder_thread_ended",
               {{"reason", failure.what()}, {"note", "restart the peer-server"}});
  }
}

// Scans `folder` and all below it; files no longer there are forgotten.
void SharedFolder::scan(const std::string& folder) {
  if (folder.empty()) next_rescan_ = steady_now() + options_.rescan;
  if (root_gone_) return;
  ++scan_number_;
  std::vector<std::string> pending = {folder};
  while (!pending.empty() && !stop_) {
    const std::string next = std::move(pending.back());
    pending.pop_back();
    scan_one(next, pending);
    // What is hashed meanwhile is shared before a large folder is read to its end.
    handle_results();
    publish();
  }
  if (stop_) return;
  forget_unseen(folder);
  publish();
}

void SharedFolder::forget_unseen(const std::string& folder) {
  std::vector<std::string> gone;
  {
    const std::lock_guard lock(mutex_);
    gone = index_.remove_unseen(folder, scan_number_);
  }
  partial_.look_below(folder);
  for (const std::string& name : gone) {
    resting_.erase(name);
    cache_.keep_removed(name);
  }
}

void SharedFolder::follow_root() {
  const Result<bool> replaced = root_.follow_path();
  if (!replaced) {
    // Any other failure may be that of a disk or network that comes back.
    if (replaced.error().code != Code::kNotFound || root_gone_) return;
    log_.warning("shared_dir_gone",
                 {{"folder", root_.path()}, {"note", "nothing is shared until it is there again"}});
    root_gone_ = true;
    watcher_.forget_all();
    ++scan_number_;
    forget_unseen("");
    partial_.forget_all();
    return;
  }
  if (!*replaced && !root_gone_) return;
  log_.warning("shared_dir_opened_anew", {{"folder", root_.path()}});
  root_gone_ = false;
  watcher_.forget_all();
  scan("");
}

void SharedFolder::scan_one(const std::string& folder, std::vector<std::string>& pending) {
  // Watched before it is read, so that nothing can appear in between unseen.
  if (watcher_.watch(folder) == FolderWatcher::Watched::kLimitReached) warn_of_watch_limit();
  Result<FolderListing> listing = list_folder(root_, folder, log_);
  if (!listing) {
    if (listing.error().code != Code::kNotFound || folder.empty())
      log_.warning("folder_not_shared", {{"folder", folder}, {"reason", listing.error().message}});
    return;
  }
  note(*listing);
  for (const std::string& journal : listing->journals) partial_.look_at(journal);
  std::move(listing->folders.begin(), listing->folders.end(), std::back_inserter(pending));
}

// Gives the number of files that were new or changed.
std::size_t SharedFolder::note(const FolderListing& listing) {
  links_.insert(listing.links.begin(), listing.links.end());
  std::vector<std::optional<KnownHash>> hashes(listing.files.size());
  for (std::size_t i = 0; i < hashes.size() && !scanned_; ++i)
    hashes[i] = cache_.find(listing.files[i].name, listing.files[i].stamp);
  std::vector<HashJob> jobs;
  std::size_t changed = 0;
  {
    const std::lock_guard lock(mutex_);
    auto next_hash = hashes.begin();
    for (const auto& [name, stamp] : listing.files) {
      const std::optional<KnownHash> known = *next_hash++;
      const bool differs = index_.observe(name, stamp, scan_number_);
      // What could not be read before may be readable now.
      if (!differs && index_.find(name)->state != FileState::kUnusable) continue;
      ++changed;
      resting_.erase(name);
      if (known) {
        index_.set_hashed(name, stamp, *known);
      } else if (is_old(stamp, options_.rest)) {
        index_.set_state(name, FileState::kHashing);
        jobs.push_back({name, stamp, {}});
      } else {
        index_.set_state(name, FileState::kResting);
        resting_[name] = steady_now() + options_.rest;
      }
    }
  }
  for (HashJob& job : jobs) hash(std::move(job));
  return changed;
}

bool SharedFolder::look_again(const std::string& name) {
  if (root_.is_link(name)) {
    links_.insert(name);
  } else {
    links_.erase(name);
  }
  const Result<FileStamp> stamp = root_.stamp(name);
  if (stamp) {
    refused_.erase(name);
    return note({{{name, *stamp}}, {}, {}, {}}) == 0;
  }
  tell_of_refused(name, stamp.error());
  resting_.erase(name);
  {
    const std::lock_guard lock(mutex_);
    if (!index_.find(name)) return false;
    index_.remove(name);
  }
  cache_.keep_removed(name);
  return false;
}

// Once, as a scan does, of a file that is there and cannot be shared.
void SharedFolder::tell_of_refused(const std::string& name, const Error& error) {
  if (!root_.is_regular(name)) {
    refused_.erase(name);
  } else if (refused_.insert(name).second) {
    log_.warning("file_not_shared", {{"name", name}, {"reason", error.message}});
  }
}

void SharedFolder::look_at_links() {
  const Steady start = steady_now();
  if (!links_due_ || *links_due_ > start) return;
  links_due_.reset();
  const std::set<std::string> links = links_;
  for (const std::string& name : links) look_again(name);
  links_cost_ = steady_now() - start;
}

void SharedFolder::handle_events() {
  WatchReport report = watcher_.read();
  if (root_gone_) return;
  {
    const std::lock_guard lock(mutex_);
    report.files.merge(suspects_);
    suspects_.clear();
  }
  if (report.overflow) {
    log_.warning("changes_lost",
                 {{"note", "too many at once; the shared folder is scanned again"}});
    report.folders = {""};
  }
  for (const std::string& folder : report.folders) scan(folder);
  for (const std::string& name : report.files) look_again(name);
  for (const std::string& journal : report.journals) partial_.look_at(journal);
  const bool changed = !report.folders.empty() || !report.files.empty();
  if (changed && !links_.empty() && !links_due_) {
    const Steady::duration pause = kLinkShare * links_cost_;
    links_due_ = steady_now() + std::max<Steady::duration>(kLinkPause, pause);
  }
}

void SharedFolder::handle_results() {
  // First how far they are: a file may be done meanwhile.
  keep_unfinished();
  for (const HashOutcome& outcome : workers_.take_results()) keep_result(outcome);
}

void SharedFolder::keep_unfinished() {
  for (const HashProgress& progress : workers_.take_progress())
    cache_.keep_unfinished(progress.name, progress.stamp, progress.pieces);
}

// Where it was begun in an earlier start, it goes on from there.
void SharedFolder::hash(HashJob job) {
  job.known = cache_.find_unfinished(job.name, job.stamp);
  workers_.add(std::move(job));
}

void SharedFolder::keep_result(const HashOutcome& outcome) {
  const auto& [job, status, id, pieces] = outcome;
  if (!status && (status.error().code == Code::kFailedPrecondition ||
                  status.error().code == Code::kNotFound)) {
    {
      const std::lock_guard lock(mutex_);
      const std::optional<IndexedFile> file = index_.find(job.name);
      // When the change was seen meanwhile, it waits for its turn anew already.
      if (!file || file->stamp != job.stamp || file->state != FileState::kHashing) return;
      index_.set_state(job.name, FileState::kResting);
    }
    resting_[job.name] = steady_now() + options_.rest;
    look_again(job.name);
    return;
  }
  Result<KnownHash> kept =
      status ? cache_.keep(job.name, job.stamp, id, pieces) : Result<KnownHash>(status.error());
  if (!kept)
    log_.warning("file_not_shared", {{"name", job.name}, {"reason", kept.error().message}});
  const std::lock_guard lock(mutex_);
  const std::optional<IndexedFile> file = index_.find(job.name);
  if (!file || file->stamp != job.stamp || file->state != FileState::kHashing) return;
  if (kept) {
    index_.set_hashed(job.name, job.stamp, *kept);
  } else {
    index_.set_state(job.name, FileState::kUnusable);
  }
}

void SharedFolder::hash_what_rests() {
  const Steady now = steady_now();
  std::vector<std::string> due;
  for (const auto& [name, when] : resting_) {
    if (when <= now) due.push_back(name);
  }
  for (const std::string& name : due) {
    if (!look_again(name)) continue;
    resting_.erase(name);
    std::optional<HashJob> job;
    {
      const std::lock_guard lock(mutex_);
      const std::optional<IndexedFile> file = index_.find(name);
      if (!file || file->state != FileState::kResting) continue;
      job = HashJob{name, file->stamp, {}};
      index_.set_state(name, FileState::kHashing);
    }
    hash(std::move(*job));
  }
}

void SharedFolder::publish() {
  std::vector<FolderChange> changes;
  {
    const std::lock_guard lock(mutex_);
    changes = index_.take_changes();
    telling_ = true;
    const bool rested = resting_.empty() || steady_now() >= catch_up_until_;
    caught_up_ = caught_up_ || (scanned_ && rested && index_.hashing() == 0);
  }
  if (!changes.empty() && listener_) listener_(changes);
  {
    // After the listener: who waits for this may rely on it having been told.
    const std::lock_guard lock(mutex_);
    telling_ = false;
    settled_ = scanned_ && resting_.empty() && suspects_.empty() && index_.hashing() == 0;
  }
  settled_changed_.notify_all();
}

void SharedFolder::report_progress() {
  std::size_t hashing = 0;
  std::size_t shared = 0;
  {
    const std::lock_guard lock(mutex_);
    hashing = index_.hashing();
    shared = index_.shared();
  }
  if (hashing == 0 && resting_.empty() && !announced_ready_) {
    announced_ready_ = true;
    // What reading the cache and the folder took would stay with the process.
    ::malloc_trim(0);
    log_.info(
        "folder_ready",
        {{"folder", root_.path()}, {"files", shared}, {"hashed_bytes", workers_.bytes_hashed()}});
  }
  if (hashing == 0 || steady_now() < next_report_) return;
  next_report_ = steady_now() + kReportEvery;
  log_.info("hashing", {{"files_shared", shared},
                        {"files_to_go", hashing},
                        {"hashed_bytes", workers_.bytes_hashed()}});
}

// Waits for a change, a result or the next thing due.
void SharedFolder::wait_for_work() {
  Steady until = std::min(next_rescan_, steady_now() + kFollowEvery);
  if (links_due_) until = std::min(until, *links_due_);
  for (const auto& [name, when] : resting_) until = std::min(until, when);
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  std::array<pollfd, 2> waits = {pollfd{wake_.get(), POLLIN, 0}, pollfd{watcher_.fd(), POLLIN, 0}};
  ::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(0, wait)));
  if (waits[1].revents != 0 && waits[0].revents == 0)
    ::poll(waits.data(), 1, static_cast<int>(kEventPause.count()));
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
}

void SharedFolder::warn_of_watch_limit() {
  if (warned_of_limit_) return;
  warned_of_limit_ = true;
  log_.warning("watch_limit_reached", {{"note",
                                        "changes in some sub-folders are seen at the next rescan "
                                        "only; raise the sysctl fs.inotify.max_user_watches"}});
}

}  // namespace trueque
