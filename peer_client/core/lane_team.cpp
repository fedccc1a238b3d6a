#include "peer_client/core/lane_team.h"

#include <algorithm>

namespace trueque {
namespace {

using std::chrono::milliseconds;

// How often the lanes are looked after.
constexpr milliseconds kRound{100};
// Room is reserved by steps, so that writes need not wait long for their turn.
constexpr std::uint64_t kReserveStep = 16UL * 1024 * 1024;
// What is over sooner than this is not worth a sentence.
constexpr milliseconds kWorthTelling{1'000};

}  // namespace

LaneTeam::LaneTeam(const TransferContext& context, const ContentId& content, std::uint64_t size,
                   PartStore& store)
    : context_(context),
      content_(content),
      size_(size),
      store_(store),
      swarm_({context.terms.give_up, context.terms.wait, context.terms.lanes_per_source,
              context.terms.seed},
             context.clock.steady()),
      refresh_(context.aside, context.more_sources, context.clock.steady()),
      seat_(PieceLayout(size).piece_count() > 1 ? context.aside : RunAside(), context.swarm) {}

Result<std::uint64_t> LaneTeam::run(const std::vector<TransferSource>& sources) {
  const Cancellation::Hook hook(context_.cancellation, [this] { stop_.cancel(); });
  swarm_.add_sources(sources);
  if (Status status = begin_with_what_is_known(); !status) return status.error();
  look_after_lanes();
  if (!local_error_) return local_error_.error();
  if (swarm_.complete() && !swarm_.book().only_liars()) return size_;
  if (context_.cancellation.cancelled())
    return make_error(Code::kCancelled, "the download was interrupted; run it again to go on");
  return swarm_.book().verdict();
}

// A file of one piece needs no piece hashes, and an earlier run may have left them.
Status LaneTeam::begin_with_what_is_known() {
  if (size_ > kMaxFileSize) return make_error(Code::kDataLoss, "the size is impossible");
  if (PieceLayout(size_).piece_count() <= 1) {
    const Result<PiecePlan> plan = plan_without_stat(content_, size_);
    if (!plan) return make_error(plan.error().code, "the directory gave " + plan.error().message);
    return adopt(*plan);
  }
  const std::optional<PiecePlan>& known = store_.known_plan();
  if (known && known->layout.file_size() == size_) return adopt(PiecePlan(*known));
  return {};
}

void LaneTeam::look_after_lanes() {
  swarm_.expect_others(seat_.wanted());
  add_lanes();
  std::unique_lock lock(mutex_);
  while (lanes_running_ > 0) {
    // Room is reserved as soon as it is known how much, however short the download.
    changed_.wait_for(lock, kRound,
                      [this] { return lanes_running_ == 0 || room_to_reserve() > 0; });
    if (lanes_running_ == 0) break;
    cut_off_late_ones();
    lock.unlock();
    reserve_some();
    look_for_sources();
    look_for_others();
    add_lanes();
    report_progress();
    // All lanes may be in calls that hang.
    ended();
    lock.lock();
  }
  lock.unlock();
  stop_.cancel();
  for (Slot& slot : slots_) slot.thread.join();
  seat_.leave();
}

std::uint64_t LaneTeam::room_to_reserve() const {
  // One write will tell of a file of one piece.
  return swarm_.begun() && plan_.hashes.size() > 1 ? size_ - reserved_ : 0;
}

void LaneTeam::reserve_some() {
  std::uint64_t length = 0;
  {
    const std::lock_guard lock(mutex_);
    length = std::min(room_to_reserve(), kReserveStep);
  }
  if (length == 0) return;
  if (const Status status = store_.reserve(reserved_, length); !status) fail_locally(status);
  reserved_ += length;
}

void LaneTeam::add_lanes() {
  const std::lock_guard lock(mutex_);
  while (slots_.size() < lanes_wanted() && !stop_.cancelled()) {
    const auto lane = static_cast<Lane>(slots_.size());
    slots_.emplace_back();
    ++lanes_running_;
    slots_.back().thread = std::thread([this, lane] { work(lane); });
  }
}

std::size_t LaneTeam::lanes_wanted() const {
  return swarm_.lanes_wanted(context_.terms.max_sources, context_.clock.steady());
}

void LaneTeam::cut_off_late_ones() {
  const Clock::Steady now = context_.clock.steady();
  for (Lane lane = 0; lane < slots_.size(); ++lane) {
    Slot& slot = slots_[lane];
    if (slot.channel == nullptr || slot.cut_off || !swarm_.overdue(lane, now)) continue;
    slot.cut_off = true;
    slot.channel->cancel();
  }
}

void LaneTeam::look_for_sources() {
  {
    const std::lock_guard lock(mutex_);
    auto sources = refresh_.look(swarm_.deserted_since().has_value(), context_.clock.steady());
    if (sources) {
      std::erase_if(*sources, [&](const TransferSource& each) { return each.size != size_; });
      swarm_.add_sources(*sources);
    }
  }
  tell_of_waiting();
}

void LaneTeam::tell_of_waiting() {
  std::string sentence;
  {
    const std::lock_guard lock(mutex_);
    const auto since = swarm_.deserted_since();
    const bool worth_it = since && context_.clock.steady() - *since >= kWorthTelling;
    if (!worth_it || context_.terms.wait <= kWorthTelling || stop_.cancelled()) return;
    if (std::exchange(waiting_told_, true)) return;
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(context_.terms.wait);
    sentence = "waiting up to " + std::to_string(most.count()) + " s for a source of " +
               context_.name + ": " + swarm_.book().absent();
  }
  say(sentence);
}

void LaneTeam::tell_of_going_on(Lane lane) {
  std::string sentence;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(waiting_told_, false)) return;
    sentence = "going on with " + context_.name + ", from " + swarm_.source_of(lane).label();
  }
  say(sentence);
}

void LaneTeam::look_for_others() {
  const std::lock_guard lock(mutex_);
  if (!swarm_.begun()) return;  // there is nothing to give yet
  const std::optional<SwarmNews> news = seat_.look(context_.clock.steady());
  if (!news) return;
  swarm_.expect_others(seat_.may_hear_of_more());
  swarm_.add_sources(news->peers);
  if (!news->peers.empty()) swarm_.set_place(news->rank, news->peers.size() + 1);
}

// Until then, or for a moment where that is longer or past: something may come up.
void LaneTeam::idle(Clock::Steady until) {
  const auto time = until - context_.clock.steady();
  // Rounded up, so that a wait of less than a millisecond is one, not a spin.
  const bool soon = time.count() > 0 && time < kGlance;
  context_.wait(soon ? std::chrono::ceil<milliseconds>(time) : kGlance, stop_);
}

// Ends everyone's work once it is done or nothing more can come of it.
bool LaneTeam::ended() {
  if (stop_.cancelled()) return true;
  {
    const std::lock_guard lock(mutex_);
    if (looking_) return false;  // for as long as it takes
    const Clock::Steady now = context_.clock.steady();
    if (!swarm_.done(now) && (swarm_.complete() || !swarm_.over(now))) return false;
  }
  stop_.cancel();
  return true;
}

void LaneTeam::set_held(Lane lane, const RemoteFile& file) {
  const std::lock_guard lock(mutex_);
  swarm_.set_held(lane, file.held);
}

bool LaneTeam::has_part(Lane lane) {
  const std::lock_guard lock(mutex_);
  return swarm_.has_part(lane);
}

void LaneTeam::fail_locally(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (local_error_) local_error_ = status;
  }
  stop_.cancel();
}

void LaneTeam::report_progress() {
  const std::unique_lock turn(observer_mutex_, std::try_to_lock);
  if (!turn) return;                                // another lane is at it
  std::optional<std::vector<std::string>> sources;  // when they changed
  std::optional<std::uint64_t> there;
  {
    const std::lock_guard lock(mutex_);
    sources = news_of_sources();
    if (swarm_.begun()) there = swarm_.bytes_there();
  }
  if (sources) context_.observer.sources(*sources);
  if (there) context_.observer.progress(*there, size_);
}

std::optional<std::vector<std::string>> LaneTeam::news_of_sources() {
  const SourceBook& book = swarm_.book();
  std::vector<SourceBook::Index> promising = book.promising();
  if (told_sources_ == promising) return std::nullopt;
  std::vector<std::string> labels;
  for (const SourceBook::Index index : promising) labels.push_back(book[index].source.label());
  told_sources_ = std::move(promising);
  return labels;
}

void LaneTeam::say(const std::string& sentence) {
  const std::lock_guard turn(observer_mutex_);
  context_.observer.note(sentence);
}

}  // namespace trueque
