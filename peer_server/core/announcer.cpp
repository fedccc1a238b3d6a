#include "peer_server/core/announcer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstBackOff{1'000};
constexpr milliseconds kLongestBackOff{60'000};
// A directory that said no will hardly say yes soon, and must not be hammered.
constexpr milliseconds kRefusedBackOff{60'000};
// Changes come in bunches; what leaves and comes back within this is one message.
constexpr milliseconds kGather{100};

// More than the bytes one file takes as JSON: every character of a name may need an escape.
std::size_t json_bytes(const SharedFile& file) { return 2 * file.name.size() + 160; }

bool is_refusal(Code code) {
  return code == Code::kUnauthenticated || code == Code::kPermissionDenied ||
         code == Code::kInvalidArgument || code == Code::kUnimplemented;
}

}  // namespace

Announcer::Announcer(AnnouncerIdentity identity, DirectoryClient& directory, Page page,
                     const Clock& clock, Random random, const Log& log)
    : identity_(std::move(identity)),
      directory_(directory),
      page_(std::move(page)),
      clock_(clock),
      random_(std::move(random)),
      log_(log) {}

void Announcer::note_changes(const std::vector<FolderChange>& changes) {
  const std::lock_guard lock(mutex_);
  if (!listening_) return;
  if (pending_.empty()) pending_since_ = clock_.steady();
  for (const FolderChange& change : changes) {
    const bool full = pending_.size() >= kMostPending && !pending_.contains(change.name);
    if (full && change.content) {
      missed_ = true;
    } else {
      pending_[change.name] = change.content;
    }
  }
}

Clock::Steady Announcer::step() {
  const Steady now = clock_.steady();
  if (now < not_before_) return not_before_;
  if (!session_) {
    log_in();
    return next_step();
  }
  if (now >= next_heartbeat_ && !original_directory()) {
    send_heartbeat();
    return next_step();
  }
  if (batches_.empty() && next_page_) take_page();
  if (batches_.empty() && !next_page_) collect_changes();
  if (!batches_.empty()) send_batch();
  return next_step();
}

Clock::Steady Announcer::next_step() const {
  if (!session_ || !batches_.empty() || next_page_) return std::max(not_before_, clock_.steady());
  Steady next = original_directory() ? clock_.steady() + kLongestBackOff : next_heartbeat_;
  const std::lock_guard lock(mutex_);
  if (!pending_.empty()) next = std::min(next, pending_since_ + kGather);
  return std::max(next, not_before_);
}

void Announcer::log_in() {
  Result<LoginReply> reply =
      directory_.log_in(identity_.credentials, identity_.peer_ip, identity_.peer_port);
  if (!reply) {
    const Error& error = reply.error();
    const milliseconds least = is_refusal(error.code) ? kRefusedBackOff : milliseconds(0);
    back_off(error, least);
    const auto wait = std::chrono::ceil<seconds>(not_before_ - clock_.steady()).count();
    const std::string_view event =
        least.count() > 0 ? "directory_refused_login" : "directory_not_reached";
    log_.error(event, {{"user", identity_.credentials.username},
                       {"reason", error.message},
                       {"retry_seconds", wait}});
    return;
  }
  session_ = std::move(*reply);
  log_.info("logged_in", {{"user", session_->peer.username},
                          {"peer_ip", session_->peer.ip},
                          {"peer_port", session_->peer.port}});
  // The first heartbeat puts this peer under a lease: should it die, it goes.
  next_heartbeat_ = clock_.steady();
  announce_all();
}

// Whatever changes from here on is in pending_, also when a page has it already.
void Announcer::announce_all() {
  {
    const std::lock_guard lock(mutex_);
    pending_.clear();
    missed_ = false;
    listening_ = true;
  }
  batches_.clear();
  next_page_ = 0;
  replacing_ = true;
  telling_ = true;
}

void Announcer::take_page() {
  const bool first = std::exchange(replacing_, false);
  std::vector<SharedFile> files = page_(*next_page_, kMaxBatchFiles);
  // A page that is not full is the last.
  const bool last = files.size() < kMaxBatchFiles;
  // The original's directory knows no replacing; what it has it keeps.
  const bool replace = first && !original_directory();
  if (first || !files.empty())
    push(replace ? IndexMode::kReplace : IndexMode::kAdd, std::move(files));
  if (!last) return;
  next_page_.reset();
  if (batches_.empty() && telling_) tell_announced();
}

void Announcer::tell_announced() {
  telling_ = false;
  log_.info("folder_announced", {{"directory_has", directory_has_}});
}

// Until the next one nothing needs to be remembered.
void Announcer::end_session() {
  session_.reset();
  batches_.clear();
  next_page_.reset();
  const std::lock_guard lock(mutex_);
  listening_ = false;
  missed_ = false;
  pending_.clear();
}

void Announcer::collect_changes() {
  std::map<std::string, std::optional<Content>> changes;
  {
    const std::lock_guard lock(mutex_);
    if (pending_.empty() || clock_.steady() < pending_since_ + kGather) return;
    changes.swap(pending_);
    // Read after what is pending is told, and before what changes from here on.
    if (std::exchange(missed_, false)) next_page_ = 0;
  }
  std::vector<SharedFile> joined;
  std::vector<SharedFile> left;
  for (auto& [name, content] : changes) (content ? joined : left).push_back({name, content});
  // It would take the names for new ones.
  if (!left.empty() && !original_directory()) push(IndexMode::kRemove, std::move(left));
  if (!joined.empty()) push(IndexMode::kAdd, std::move(joined));
}

// Cuts the files into batches the directory takes. Replacing continues as adding.
void Announcer::push(IndexMode mode, std::vector<SharedFile> files) {
  Batch batch{mode, {}};
  std::size_t bytes = 0;
  for (SharedFile& file : files) {
    const std::size_t size = json_bytes(file);
    if (batch.files.size() == kMaxBatchFiles || bytes + size > kMaxBatchBytes) {
      batches_.push_back(
          std::exchange(batch, {mode == IndexMode::kReplace ? IndexMode::kAdd : mode, {}}));
      bytes = 0;
    }
    if (original_directory()) file.content.reset();
    bytes += size;
    batch.files.push_back(std::move(file));
  }
  batches_.push_back(std::move(batch));
}

void Announcer::send_batch() {
  const Batch& batch = batches_.front();
  const auto indexed =
      directory_.index_files(session_->token, session_->peer, batch.files, batch.mode);
  if (!indexed && indexed.error().code == Code::kInvalidArgument)
    return split_or_drop(indexed.error());
  if (!indexed) return note_failure(indexed.error());
  failures_ = 0;
  log_.debug("files_announced", {{"files", batch.files.size()}});
  batches_.pop_front();
  directory_has_ = indexed->value_or(0);
  if (batches_.empty() && !next_page_ && telling_) tell_announced();
}

// The directory will not take this batch as it is: halve it until what it does
// not take stands alone, and leave that out.
void Announcer::split_or_drop(const Error& error) {
  Batch batch = std::move(batches_.front());
  batches_.pop_front();
  if (batch.files.size() <= 1) {
    const std::string name = batch.files.empty() ? "" : batch.files.front().name;
    log_.warning("file_not_announced", {{"name", name}, {"reason", error.message}});
    return;
  }
  const auto middle = batch.files.begin() + static_cast<std::ptrdiff_t>(batch.files.size() / 2);
  Batch second{batch.mode == IndexMode::kReplace ? IndexMode::kAdd : batch.mode, {}};
  std::move(middle, batch.files.end(), std::back_inserter(second.files));
  batch.files.erase(middle, batch.files.end());
  batches_.push_front(std::move(second));
  batches_.push_front(std::move(batch));
}

void Announcer::send_heartbeat() {
  const Result<LeaseTerms> terms = directory_.heartbeat(session_->token, session_->peer);
  if (!terms) return note_failure(terms.error());
  failures_ = 0;
  session_->terms = *terms;
  next_heartbeat_ = clock_.steady() + std::max(terms->heartbeat, seconds(1));
}

void Announcer::note_failure(const Error& error) {
  const bool forgotten = error.code == Code::kUnauthenticated || error.code == Code::kNotFound ||
                         error.code == Code::kPermissionDenied;
  if (forgotten) {
    log_.warning("directory_forgot_peer",
                 {{"reason", error.message}, {"note", "logging in again"}});
    end_session();
    // At once the first time; a directory that forgets at every turn is not hammered.
    if (failures_++ == 0) return;
    --failures_;
  } else {
    log_.warning("directory_failed", {{"reason", error.message}});
  }
  back_off(error, milliseconds(0));
}

void Announcer::back_off(const Error& error, milliseconds least) {
  const int doublings = std::min(failures_++, 6);
  const milliseconds longest = std::min(kFirstBackOff * (1 << doublings), kLongestBackOff);
  // Half of it by chance, so that peers do not all come back at the same moment.
  const double share = 0.5 + 0.5 * random_();
  milliseconds wait(static_cast<std::int64_t>(static_cast<double>(longest.count()) * share));
  wait = std::max({wait, least, error.retry_after.value_or(milliseconds(0))});
  not_before_ = clock_.steady() + wait;
}

void Announcer::log_out() {
  if (!session_) return;
  const Status status = directory_.log_out(session_->token, session_->peer);
  if (status) {
    log_.info("logged_out");
  } else {
    log_.warning("not_logged_out",
                 {{"reason", status.error().message}, {"note", "the lease will run out"}});
  }
  end_session();
}

}  // namespace trueque
