#include "tests/simulation/download.h"

namespace trueque::simulation {
namespace {

constexpr SwarmTerms kTerms;
constexpr std::size_t kMostLanes = 8;
// LaneTeam's, some longer so that a run of 200 peers has fewer events.
constexpr milliseconds kTick{250};
constexpr milliseconds kGlance{250};
constexpr milliseconds kMoment{50};
constexpr milliseconds kRefresh{10'000};
constexpr milliseconds kAskAgain{1'000};
constexpr milliseconds kFirstRenewal{1'000};
// Swarm's: whoever says nothing for so long does not count.
constexpr milliseconds kSilence{2'000};
// The channel's.
constexpr milliseconds kConnect{5'000};
constexpr milliseconds kIdle{20'000};

Error unavailable(const char* what) { return make_error(Code::kUnavailable, what); }

}  // namespace

TransferSource source_of(PeerId peer, std::uint64_t size, bool partial) {
  TransferSource source;
  source.peer_name = "peer" + std::to_string(peer);
  source.endpoint = {"10.0.0.1", static_cast<std::uint16_t>(peer)};
  source.size = size;
  source.partial = partial;
  return source;
}

void Download::start() {
  if (state_ == State::kWhole || state_ == State::kRunning) return;
  state_ = State::kRunning;
  ++life_;
  SwarmTerms terms = kTerms;
  terms.seed = seed_;
  swarm_.emplace(terms, now());
  liars_.clear();
  lanes_.clear();
  progress_ = now();
  const std::vector<std::uint64_t> there = disk_.pieces();
  if (!there.empty()) swarm_->begin(layout_, there, now());  // the journal has the hashes
  refresh();
  swarm_->expect_others(true);
  seat_pause_ = kFirstRenewal;
  seat_renewal_ = now();
  every_tick(life_);
}

void Download::stop() {
  if (state_ != State::kRunning) return;
  finish(State::kIdle);
}

void Download::refresh() {
  refreshed_ = now();
  swarm_->add_sources(around_.sources_for(self_));
}

// Says that it fetches this, once it can tell what it holds, and hears who else does.
void Download::keep_seat() {
  if (!swarm_->begun() || now() < seat_renewal_) return;
  const std::optional<SwarmNews> news = around_.join_swarm(self_);
  swarm_->expect_others(false);
  if (news) {
    swarm_->add_sources(news->peers);
    if (!news->peers.empty()) swarm_->set_place(news->rank, news->peers.size() + 1);
  }
  seat_renewal_ = now() + seat_pause_;
  seat_pause_ = std::min<Duration>(2 * seat_pause_, kRefresh);
}

void Download::every_tick(std::uint64_t life) {
  if (life != life_ || state_ != State::kRunning || over()) return;
  for (Lane lane = 0; lane < lanes_.size(); ++lane) {
    const LaneState& state = lanes_[lane];
    if (!state.joined || state.call == 0) continue;
    if (now() - state.heard > kIdle) {
      fail(lane, make_error(Code::kDeadlineExceeded, "sends nothing"));
    } else if (swarm_->overdue(lane, now())) {
      fail(lane, make_error(Code::kDeadlineExceeded, "sends too slowly"));
    }
  }
  if (now() - refreshed_ >= kRefresh) refresh();
  keep_seat();
  add_lanes();
  around_.events().after(kTick, [this, life] { every_tick(life); });
}

std::size_t Download::lanes_wanted() const { return swarm_->lanes_wanted(kMostLanes, now()); }

void Download::add_lanes() {
  while (lanes_.size() < lanes_wanted()) {
    lanes_.emplace_back();
    step(static_cast<Lane>(lanes_.size() - 1));
  }
}

bool Download::over() {
  if (state_ != State::kRunning) return true;
  if (swarm_->done(now())) {
    finish(State::kWhole);
  } else if (!swarm_->complete() && swarm_->over(now())) {
    finish(State::kGaveUp);
  }
  return state_ != State::kRunning;
}

void Download::finish(State state) {
  state_ = state;
  end_ = now();
  if (state != State::kWhole) {
    for (const LaneState& lane : lanes_) counts_.cut_short += lane.call != 0 ? 1 : 0;
  }
  for (Lane lane = 0; lane < lanes_.size(); ++lane) let_go(lane);
  check_end();
  if (state == State::kWhole) around_.finished(self_);
}

void Download::later(Lane lane, Duration time, std::function<void()> action) {
  around_.events().after(
      time, [this, lane, life = life_, lane_life = lanes_[lane].life, action = std::move(action)] {
        if (life == life_ && state_ == State::kRunning && lanes_[lane].life == lane_life) action();
      });
}

bool Download::reaches(PeerId peer) const {
  const Network& network = around_.network();
  return network[peer].online && network.connected(self_, peer);
}

void Download::step(Lane lane) {
  if (over()) return;
  const auto source = swarm_->join(lane, now());
  if (!source) return later(lane, kGlance, [this, lane] { step(lane); });
  LaneState& state = lanes_[lane];
  state.joined = true;
  state.peer = swarm_->book()[*source].source.endpoint.port;
  connect(lane);
}

void Download::connect(Lane lane) {
  const PeerId peer = lanes_[lane].peer;
  EXPECT_FALSE(liars_.contains(peer)) << "a liar is asked again";
  if (!around_.network().connected(self_, peer))
    return later(lane, kConnect, [this, lane] { fail(lane, unavailable("no answer")); });
  later(lane, 2 * way_to(peer), [this, lane, peer] {
    if (!reaches(peer)) return fail(lane, unavailable("connection refused"));
    if (swarm_->begun() && !swarm_->has_part(lane)) return ask(lane);
    later(lane, 2 * way_to(peer), [this, lane] { learn(lane); });
  });
}

void Download::learn(Lane lane) {
  const PeerId peer = lanes_[lane].peer;
  if (!reaches(peer)) return fail(lane, unavailable("went away"));
  if (around_.uploader(peer).lie() == Lie::kStat)
    return fail(lane, make_error(Code::kDataLoss, "gave wrong hashes"));
  const std::optional<std::vector<bool>> held = around_.held_by(peer);
  if (!held) return fail(lane, make_error(Code::kNotFound, "does not have the file"));
  lanes_[lane].asked = now();
  if (!swarm_->begun()) swarm_->begin(layout_, disk_.pieces(), now());
  swarm_->set_held(lane, *held);
  ask(lane);
}

void Download::ask(Lane lane) {
  if (over()) return;
  if (swarm_->dismissed(lane)) {
    let_go(lane);
    return step(lane);
  }
  if (swarm_->has_part(lane) && now() - lanes_[lane].asked >= kAskAgain)
    return later(lane, 2 * way_to(lanes_[lane].peer), [this, lane] { learn(lane); });
  const auto run = swarm_->next_run(lane, now());
  if (!run) return wait_for_work(lane);
  check_run(lane, *run);
  if (run->copy) ++counts_.copies;
  LaneState& state = lanes_[lane];
  state.run = *run;
  state.piece = run->first;
  state.heard = now();
  state.call = around_.new_call();
  disk_.begin(lane, run->first, run->copy);
  later(lane, way_to(state.peer), [this, lane, call = state.call] {
    if (lanes_[lane].call == call) send_call(lane);
  });
}

void Download::wait_for_work(Lane lane) {
  if (!swarm_->give_way(lane, now())) {
    const milliseconds pause = swarm_->has_part(lane) ? kGlance : kMoment;
    return later(lane, pause, [this, lane] { ask(lane); });
  }
  let_go(lane);
  step(lane);
}

void Download::check_run(Lane lane, const PiecePicker::Run& run) const {
  EXPECT_FALSE(liars_.contains(lanes_[lane].peer)) << "a liar is asked for more";
  for (std::uint64_t piece = run.first; piece < run.first + run.count; ++piece) {
    EXPECT_FALSE(swarm_->is_verified(piece)) << "a piece that is there is asked for";
    const std::vector<Lane> others = swarm_->others_at(lane, piece);
    EXPECT_EQ(others.empty(), !run.copy) << "a piece is under way with others";
    const auto lively = std::count_if(others.begin(), others.end(), [this](Lane other) {
      return now() - lanes_[other].heard < kSilence;
    });
    EXPECT_LE(lively, 1) << "a third copy";
  }
}

void Download::send_call(Lane lane) {
  const LaneState& state = lanes_[lane];
  if (!around_.network().connected(self_, state.peer)) return;  // lost
  if (!around_.network()[state.peer].online) return fail(lane, unavailable("went away"));
  const std::uint64_t last = state.run.first + state.run.count - 1;
  around_.uploader(state.peer)
      .begin({state.call, self_, this, layout_.piece_offset(state.run.first),
              layout_.piece_offset(last) + layout_.piece_length(last)});
}

Download::LaneState* Download::lane_of(std::uint64_t call, Lane& lane) {
  if (state_ != State::kRunning) return nullptr;
  for (lane = 0; lane < lanes_.size(); ++lane) {
    if (lanes_[lane].call == call) return &lanes_[lane];
  }
  return nullptr;
}

void Download::chunk(std::uint64_t call, std::uint64_t bytes, bool right) {
  Lane lane = 0;
  LaneState* const state = lane_of(call, lane);
  if (state == nullptr) return;
  state->heard = now();
  if (state->through()) return fail(lane, make_error(Code::kDataLoss, "sent too much"));
  disk_.write(lane, bytes, right);
  const std::uint64_t written = disk_.written(lane);
  if (written == layout_.piece_length(state->piece)) return close_piece(lane, bytes);
  const bool wanted = swarm_->received(lane, bytes, written, now());
  if (swarm_->overdue(lane, now()))
    return fail(lane, make_error(Code::kDeadlineExceeded, "sends too slowly"));
  if (!wanted) end_run(lane);
}

void Download::close_piece(Lane lane, std::uint64_t bytes) {
  LaneState& state = lanes_[lane];
  const std::uint64_t piece = state.piece;
  if (!disk_.matches(lane, layout_.piece_length(piece)))
    return fail(lane, make_error(Code::kDataLoss, "sent wrong bytes"));
  if (state.run.copy && swarm_->is_verified(piece)) return end_run(lane);
  if (state.run.copy) supersede(lane, piece);
  disk_.keep(piece);
  disk_.stop(lane);
  progress_ = now();
  const bool more = swarm_->finished(lane, piece, now());
  EXPECT_TRUE(swarm_->is_verified(piece) && disk_.holds(piece));
  ++state.piece;
  if (state.through()) {
    swarm_->received(lane, bytes, 0, now());
    over();
  } else if (more) {
    disk_.begin(lane, state.piece, false);
    swarm_->received(lane, bytes, 0, now());
  } else {
    end_run(lane);
  }
}

void Download::supersede(Lane lane, std::uint64_t piece) {
  for (const Lane other : swarm_->others_at(lane, piece)) {
    let_go(other);
    later(other, Duration(0), [this, other] { step(other); });
  }
}

void Download::ended(std::uint64_t call, const Status& status) {
  Lane lane = 0;
  const LaneState* const state = lane_of(call, lane);
  if (state == nullptr) return;
  if (!status && !state->through()) return fail(lane, status.error());
  if (!state->through()) return fail(lane, make_error(Code::kDataLoss, "sent too little"));
  end_run(lane);
}

void Download::end_run(Lane lane) {
  if (swarm_->dismissed(lane)) ++counts_.cut_short;
  cancel_call(lane);
  swarm_->end_run(lane);
  ask(lane);
}

void Download::fail(Lane lane, const Error& error) {
  ++counts_.failures;
  swarm_->failed(lane, error, now());
  if (error.code == Code::kDataLoss) {
    ++counts_.liars;
    EXPECT_NE(around_.uploader(lanes_[lane].peer).lie(), Lie::kNone) << "an honest peer is blamed";
    liars_.insert(lanes_[lane].peer);
  }
  let_go(lane);
  later(lane, Duration(0), [this, lane] { step(lane); });
}

void Download::let_go(Lane lane) {
  cancel_call(lane);
  LaneState& state = lanes_[lane];
  ++state.life;
  if (std::exchange(state.joined, false)) swarm_->leave(lane);
}

void Download::cancel_call(Lane lane) {
  LaneState& state = lanes_[lane];
  const std::uint64_t call = std::exchange(state.call, 0);
  disk_.stop(lane);
  if (call == 0 || !around_.network().connected(self_, state.peer)) return;
  around_.events().after(way_to(state.peer),
                         [this, peer = state.peer, call] { around_.uploader(peer).drop(call); });
}

std::uint64_t Download::bytes_in_vain() const {
  std::uint64_t kept = 0;
  for (const std::uint64_t piece : disk_.pieces()) kept += layout_.piece_length(piece);
  return disk_.received() - std::min(disk_.received(), kept);
}

void Download::check_end() const {
  std::uint64_t there = 0;
  for (std::uint64_t piece = 0; piece < layout_.piece_count(); ++piece) {
    const bool held = disk_.holds(piece);
    if (held) there += layout_.piece_length(piece);
    EXPECT_TRUE(!swarm_->begun() || swarm_->is_verified(piece) == held);
  }
  const std::uint64_t causes = counts_.failures + counts_.copies + counts_.cut_short;
  EXPECT_LE(bytes_in_vain(), layout_.piece_size() * causes);
  EXPECT_TRUE(state_ != State::kWhole || there == layout_.file_size());
  const Duration without_progress = now() - progress_;
  EXPECT_TRUE(state_ != State::kGaveUp || without_progress <= 3 * kTerms.give_up + 2 * kTick)
      << "it hangs";
}

}  // namespace trueque::simulation
