// LaneTeam's lanes: each a thread that takes a source and fetches from it.
#include <algorithm>

#include "peer_client/core/lane_team.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;

// How soon to look whether a lane has let go of its piece.
constexpr milliseconds kMoment{2};
// How often a source that has a part is asked what it has by now.
constexpr milliseconds kAskAgain{1'000};
// Under a limit a lane waits so long at most before it looks whether it is still needed.
constexpr milliseconds kLongestPause{100};

}  // namespace

void LaneTeam::work(Lane lane) {
  while (!ended()) {
    look_for_sources();
    std::optional<TransferSource> source;
    Clock::Steady until;
    {
      const std::lock_guard lock(mutex_);
      const Clock::Steady now = context_.clock.steady();
      if (const auto joined = swarm_.join(lane, now)) source = swarm_.book()[*joined].source;
      until = swarm_.next_chance().value_or(now);
    }
    if (source) {
      work_with(lane, *source);
    } else {
      look_for_others();
      idle(until);
    }
  }
  const std::lock_guard lock(mutex_);
  --lanes_running_;
  changed_.notify_all();
}

void LaneTeam::work_with(Lane lane, const TransferSource& source) {
  const std::unique_ptr<PeerChannel> channel = context_.peers.connect(source.endpoint);
  const Cancellation::Hook hook(stop_, [&channel] { channel->cancel(); });
  {
    const std::lock_guard lock(mutex_);
    slots_[lane].channel = channel.get();
  }
  Status status = learn(lane, *channel, source);
  if (status) status = fetch_runs(lane, *channel, source);
  std::optional<std::string> sentence;
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[lane];
    slot.channel = nullptr;
    if (std::exchange(slot.cut_off, false) && !status)
      status = make_error(Code::kDeadlineExceeded, swarm_.why_overdue(lane));
    const bool ended_here = std::exchange(slot.superseded, false) || stop_.cancelled();
    const bool ours = ended_here && !status && status.error().code == Code::kCancelled;
    if (!status && !ours && local_error_)
      sentence = swarm_.failed(lane, status.error(), context_.clock.steady());
    swarm_.leave(lane);
  }
  if (sentence) say(*sentence);
}

Status LaneTeam::learn(Lane lane, PeerChannel& channel, const TransferSource& source) {
  {
    const std::lock_guard lock(mutex_);
    if (swarm_.begun() && !swarm_.has_part(lane)) return {};
  }
  const Result<RemoteFile> file = ask(lane, channel);
  if (!file) return file.error();
  const Result<PiecePlan> plan = plan_from_stat(content_, source.size, *file);
  if (!plan) return plan.error();
  // Before any lane begins, and once there is something to mark in it.
  set_held(lane, *file);
  const Status adopted = adopt(*plan);
  if (!adopted) fail_locally(adopted);
  set_held(lane, *file);
  return adopted;
}

Result<RemoteFile> LaneTeam::ask(Lane lane, PeerChannel& channel) {
  {
    const std::lock_guard lock(mutex_);
    swarm_.ask(lane, context_.clock.steady());
  }
  Result<RemoteFile> file = channel.stat(content_);
  const std::lock_guard lock(mutex_);
  swarm_.answered(lane);
  return file;
}

// The hashes were checked against the content id, so they hold for every source.
Status LaneTeam::adopt(const PiecePlan& plan) {
  const std::lock_guard turn(adopt_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (swarm_.begun()) return {};
    looking_ = true;
  }
  const Result<std::vector<std::uint64_t>> verified = store_.begin(plan, stop_);
  std::uint64_t there = 0;
  {
    const std::lock_guard lock(mutex_);
    looking_ = false;
    if (!verified) return verified.error();
    plan_ = plan;
    swarm_.begin(plan.layout, *verified, context_.clock.steady());
    there = swarm_.bytes_there();
  }
  changed_.notify_all();  // there is room to reserve
  if (there > 0 && there < size_) say("resuming at " + std::to_string(there * 100 / size_) + " %");
  report_progress();
  return {};
}

Status LaneTeam::fetch_runs(Lane lane, PeerChannel& channel, const TransferSource& source) {
  Clock::Steady asked = context_.clock.steady();
  while (!ended()) {
    std::optional<PiecePicker::Run> run;
    const Clock::Steady now = context_.clock.steady();
    const bool part = has_part(lane);
    if (part && now - asked >= kAskAgain) {
      if (Status status = learn(lane, channel, source); !status) return status;
      asked = now;
    }
    {
      const std::lock_guard lock(mutex_);
      if (swarm_.dismissed(lane)) return {};
      run = swarm_.next_run(lane, now);
    }
    if (!run) {
      look_for_others();
      if (give_way(lane)) return {};
      idle(now + (part ? kGlance : kMoment));
      continue;
    }
    const Status status = fetch_run(lane, channel, *run);
    {
      const std::lock_guard lock(mutex_);
      swarm_.end_run(lane);
    }
    if (!status) return status;
  }
  return {};
}

bool LaneTeam::give_way(Lane lane) {
  const std::lock_guard lock(mutex_);
  return swarm_.give_way(lane, context_.clock.steady());
}

Status LaneTeam::fetch_run(Lane lane, PeerChannel& channel, const PiecePicker::Run& run) {
  // A second copy is written beside the part: the lane it is a copy of still writes there.
  std::optional<PartFile> scratch;
  if (run.copy) {
    Result<PartFile> file = store_.open_scratch();
    if (!file) return give_up_copies();
    scratch = std::move(*file);
  }
  const std::uint64_t start = plan_.layout.piece_offset(run.first);
  const auto write = [&](std::uint64_t offset, std::span<const std::uint8_t> bytes) {
    return scratch ? scratch->write_at(offset - start, bytes) : store_.write_at(offset, bytes);
  };
  bool unneeded = false;
  Status copied;
  const auto verified = [&](std::uint64_t piece) {
    const bool ours = !scratch || take_over(lane, piece);
    if (ours && scratch)
      copied = store_.copy_from(*scratch, start, plan_.layout.piece_length(piece));
    unneeded = !ours || !copied || !this->verified(lane, piece);
    return !unneeded;
  };
  PieceRun bytes_of(plan_, run, write, verified);
  const auto sink = [&](std::span<const std::uint8_t> bytes) -> Status {
    Status status = bytes_of.take(bytes);
    status = status ? received(lane, bytes.size(), bytes_of) : spoiled(lane, bytes_of, status);
    tell_of_going_on(lane);
    report_progress();
    if (status || status.error().code != Code::kCancelled) return status;
    unneeded = true;
    // At the end of what was asked for nothing is cut short.
    return bytes_of.through() ? Status() : status;
  };
  Status status = fetch_range(lane, channel, bytes_of, sink);
  if (!bytes_of.local_error()) {
    if (scratch) return give_up_copies();
    fail_locally(bytes_of.local_error());
  }
  if (!copied) fail_locally(copied);
  // Bytes beyond the range are a lie, even after the right ones.
  if (!status && status.error().code == Code::kDataLoss) return status;
  if (unneeded || bytes_of.through()) return {};
  if (status) return make_error(Code::kDataLoss, "sent fewer bytes than the file has");
  return status;
}

// The other lane still has the piece: with no room for a copy it is waited for.
Status LaneTeam::give_up_copies() {
  const std::lock_guard lock(mutex_);
  swarm_.forbid_copies();
  return {};
}

Status LaneTeam::fetch_range(Lane lane, PeerChannel& channel, const PieceRun& bytes_of,
                             const PeerChannel::Sink& sink) {
  if (context_.limit == nullptr || !context_.limit->limited())
    return channel.fetch(content_, bytes_of.offset(), bytes_of.length(), sink);
  // It waits before each portion: no peer has a stream open that nobody takes from, and no
  // bytes pile up on their way.
  const std::uint64_t most = portion_under(*context_.limit);
  Status status;
  while (status && !bytes_of.through()) {
    const std::uint64_t portion = std::min(most, bytes_of.length());
    if (!keep_to_limit(lane, portion)) return make_error(Code::kCancelled, "interrupted");
    status = channel.fetch(content_, bytes_of.offset(), portion, sink);
  }
  return status;
}

bool LaneTeam::take_over(Lane lane, std::uint64_t piece) {
  while (!stop_.cancelled()) {
    {
      const std::lock_guard lock(mutex_);
      // Of two copies one gives way, or each would wait for the other.
      if (swarm_.is_verified(piece) || slots_[lane].superseded) return false;
      const std::vector<Lane> others = swarm_.others_at(lane, piece);
      if (others.empty()) return true;
      for (const Lane other : others) {
        Slot& slot = slots_[other];
        if (slot.channel == nullptr || std::exchange(slot.superseded, true)) continue;
        slot.channel->cancel();
      }
    }
    context_.wait(kMoment, stop_);
  }
  return false;
}

bool LaneTeam::verified(Lane lane, std::uint64_t piece) {
  store_.note(piece);
  const std::lock_guard lock(mutex_);
  return swarm_.finished(lane, piece, context_.clock.steady());
}

Status LaneTeam::received(Lane lane, std::size_t bytes, const PieceRun& run) {
  const Clock::Steady now = context_.clock.steady();
  const std::uint64_t in_piece = run.offset() - plan_.layout.piece_offset(run.piece());
  const std::lock_guard lock(mutex_);
  const bool wanted = swarm_.received(lane, bytes, run.through() ? 0 : in_piece, now);
  if (run.through()) return {};
  if (swarm_.overdue(lane, now)) return make_error(Code::kDeadlineExceeded, "sends too slowly");
  if (!wanted) return make_error(Code::kCancelled, "no longer needed");
  return {};
}

Status LaneTeam::spoiled(Lane lane, const PieceRun& run, Status status) {
  const std::uint64_t start = plan_.layout.piece_offset(run.piece());
  const std::lock_guard lock(mutex_);
  if (run.offset() > start) swarm_.spoiled(lane, run.offset() - start);
  return status;
}

bool LaneTeam::keep_to_limit(Lane lane, std::uint64_t bytes) {
  context_.limit->take(bytes);
  {
    const std::lock_guard lock(mutex_);
    swarm_.hold(lane, context_.clock.steady());
  }
  // Until all that was taken has been waited for.
  auto time = context_.limit->wait_for(0);
  for (; time.count() > 0 && may_wait(lane); time = context_.limit->wait_for(0))
    context_.wait(std::min(std::chrono::ceil<milliseconds>(time), kLongestPause), stop_);
  const std::lock_guard lock(mutex_);
  swarm_.go_on(lane, context_.clock.steady());
  return time.count() == 0;
}

bool LaneTeam::may_wait(Lane lane) {
  const std::lock_guard lock(mutex_);
  return !stop_.cancelled() && !slots_[lane].superseded && !slots_[lane].cut_off;
}

}  // namespace trueque
