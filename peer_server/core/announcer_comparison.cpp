// The half of Announcer that finds out whether the directory has what it should.
#include <algorithm>
#include <utility>

#include "peer_server/core/announcer.h"

namespace trueque {
namespace {

// Nobody says when a folder is settled: it is asked so often.
constexpr std::chrono::milliseconds kAskFolder{200};

}  // namespace

void Announcer::begin_comparing() {
  lost_files_ = 0;
  next_compare_ = clock_.steady();
  if (session_->files) {
    compare_until_ = next_compare_ + kMostWaitForFolder;
  } else {
    announce_all();
  }
}

// What the directory does not take of the shared files it cannot have.
FolderSummary Announcer::own_files() const {
  FolderSummary own = folder_.summary();
  own.files -= std::min<std::uint64_t>(own.files, refused_.size());
  for (const auto& [name, content] : refused_) own.digest.toggle(name, content);
  return own;
}

void Announcer::compare() {
  // What is told from here on may be in the summary already, and is announced once more.
  listen_from_now_on();
  const FilesSummary& theirs = *session_->files;
  const FolderSummary own = own_files();
  if (own.settled && own.digest == theirs.digest) {
    compare_until_.reset();
    directory_has_ = theirs.files;
    log_.info("directory_has_all", {{"files", theirs.files}});
    return;
  }
  // Where it has nothing there is nothing to lose.
  const bool may_turn_out_equal = !own.settled && theirs.files > 0;
  if (may_turn_out_equal && clock_.steady() < *compare_until_) {
    next_compare_ = clock_.steady() + kAskFolder;
    return;
  }
  compare_until_.reset();
  announce_all();
}

bool Announcer::all_is_told() const {
  if (!batches_.empty() || next_page_ || compare_until_) return false;
  const std::lock_guard lock(mutex_);
  return pending_.empty();
}

// `own` is from before the heartbeat. Fewer files are a loss; more are others' to index.
void Announcer::look_for_lost_files(const FilesSummary& theirs, const FolderSummary& own) {
  if (!own.settled || !all_is_told()) return;
  const std::uint64_t lost = own.files - std::min(own.files, theirs.files);
  // A directory that keeps less than it is given is not given all at each heartbeat.
  if (lost <= std::exchange(lost_files_, lost)) return;
  log_.warning("directory_lost_files", {{"directory_has", theirs.files},
                                        {"shared", own.files},
                                        {"note", "adding all of them again"}});
  next_page_ = 0;
  telling_ = true;
}

}  // namespace trueque
