#include "peer_server/core/announcer.h"

#include <algorithm>
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

bool is_refusal(Code code) {
  return code == Code::kUnauthenticated || code == Code::kPermissionDenied ||
         code == Code::kInvalidArgument || code == Code::kUnimplemented;
}

}  // namespace

Announcer::Announcer(AnnouncerIdentity identity, DirectoryClient& directory, AnnouncedFolder folder,
                     const Clock& clock, Random random, const Log& log)
    : identity_(std::move(identity)),
      directory_(directory),
      folder_(std::move(folder)),
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
  if (compare_until_ && now >= next_compare_) compare();
  if (compare_until_) return next_step();
  if (batches_.empty() && next_page_) take_page();
  if (batches_.empty() && !next_page_) collect_changes();
  if (!batches_.empty()) send_batch();
  return next_step();
}

Clock::Steady Announcer::next_step() const {
  if (!session_ || !batches_.empty() || next_page_) return std::max(not_before_, clock_.steady());
  if (compare_until_) return std::max(std::min(next_compare_, next_heartbeat_), not_before_);
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
  begin_comparing();
}

void Announcer::listen_from_now_on() {
  const std::lock_guard lock(mutex_);
  pending_.clear();
  missed_ = false;
  listening_ = true;
}

// Whatever changes from here on is in pending_, also when a page has it already.
void Announcer::announce_all() {
  listen_from_now_on();
  batches_.clear();
  refused_.clear();
  next_page_ = 0;
  replacing_ = true;
  telling_ = true;
}

// Until the next one nothing needs to be remembered.
void Announcer::end_session() {
  session_.reset();
  compare_until_.reset();
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
  for (auto& [name, content] : changes) {
    refused_.erase(name);
    (content ? joined : left).push_back({name, content});
  }
  // It would take the names for new ones.
  if (!left.empty() && !original_directory()) push(IndexMode::kRemove, std::move(left));
  if (!joined.empty()) push(IndexMode::kAdd, std::move(joined));
}

void Announcer::send_heartbeat() {
  const std::optional<FolderSummary> own =
      all_is_told() ? std::optional(own_files()) : std::nullopt;
  const Result<HeartbeatReply> reply = directory_.heartbeat(session_->token, session_->peer);
  if (!reply) return note_failure(reply.error());
  failures_ = 0;
  session_->terms = reply->terms;
  if (reply->files) session_->files = reply->files;
  next_heartbeat_ = clock_.steady() + std::max(reply->terms.heartbeat, seconds(1));
  if (own && reply->files) look_for_lost_files(*reply->files, *own);
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
