#include "peer_client/core/swarm.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trueque {
namespace {

using std::chrono::milliseconds;

constexpr double kMiB = 1024.0 * 1024;
// However it drips, a piece that takes longer than this counts as stalled. While the
// source's speed is not known, and once it is.
constexpr milliseconds kFirstPiece{20'000};
constexpr milliseconds kFirstPiecePerMiB{16'000};
constexpr milliseconds kPiece{4'000};
constexpr milliseconds kPiecePerMiB{4'000};
constexpr double kTimesExpected = 4;
// What says nothing at all, to a question or for a first byte, is not waited for as long.
constexpr milliseconds kAnswer{8'000};
// Nor is an answer about the file, where there are sources that were never asked.
constexpr milliseconds kAnswerBesideOthers{4'000};
// A source that was too slow has twice the time when it is asked again, and so on, so that
// one which too many ask at once serves them in the end.
constexpr unsigned kMostDoublings = 4;
// How long a stream that has given all it was asked for may take to end.
constexpr milliseconds kLastWords{1'000};
// A run is this much work: enough that asking for the next one costs little, and
// little enough that what is rarest may change.
constexpr double kRunSeconds = 3;
constexpr double kFirstRunBytes = 4 * kMiB;
// Among others that fetch the same, what is rarest changes fast.
constexpr double kRunSecondsInACrowd = 0.5;
// A piece of which nothing came for so long is not counted on.
constexpr milliseconds kSilence{2'000};
// How long a source rests that had nothing of use.
constexpr milliseconds kRest{1'000};
// So much more than ever counts as progress: a piece may take a modest source minutes.
constexpr std::uint64_t kProgressBytes = 64UL * 1024;

milliseconds scaled(milliseconds base, milliseconds per_mib, std::uint64_t bytes) {
  return base +
         milliseconds(static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) / kMiB) *
                                                static_cast<double>(per_mib.count())));
}

// `speed` in bytes a second; 0 while it is not known.
milliseconds time_for_piece(std::uint64_t length, double speed) {
  const milliseconds first = scaled(kFirstPiece, kFirstPiecePerMiB, length);
  if (speed <= 0) return first;
  const double expected = 1000 * kTimesExpected * static_cast<double>(length) / speed;
  // Capped, so that a source that never was any good is not waited for much longer.
  const milliseconds by_speed(
      static_cast<std::int64_t>(std::min(static_cast<double>(first.count()), expected)));
  return std::max(scaled(kPiece, kPiecePerMiB, length), by_speed);
}

}  // namespace

void Swarm::begin(const PieceLayout& layout, std::span<const std::uint64_t> verified,
                  Clock::Steady now) {
  layout_ = layout;
  last_progress_ = now;  // to look at what was there may have taken long
  picker_ = PiecePicker(layout.piece_count(), terms_.seed);
  verified_bytes_ = 0;
  for (const std::uint64_t piece : verified) {
    picker_.set_verified(piece);
    verified_bytes_ += layout.piece_length(piece);
  }
  most_there_ = verified_bytes_;
  for (const auto& [lane, state] : lanes_) add_lane(lane);
}

void Swarm::add_lane(Lane lane) {
  const bool partial = book_[lanes_.at(lane).source].source.partial;
  picker_.add_lane(lane, std::vector<bool>(partial ? picker_.pieces() : 0));
}

void Swarm::set_held(Lane lane, const std::vector<bool>& held) {
  const Source source = lanes_.at(lane).source;
  book_.told(source);
  if (!held.empty()) book_.set_partial(source);
  for (const auto& [id, state] : lanes_) {
    if (state.source == source) picker_.set_held(id, held);
  }
}

bool Swarm::give_way(Lane lane, Clock::Steady now) {
  const LaneState& state = lanes_.at(lane);
  const SourceBook::Entry& source = book_[state.source];
  const bool mute =
      state.was_asked && !source.sent && state.idle_since && now - *state.idle_since >= kSilence;
  if (!source.source.partial && !mute) return false;
  if (!book_.anyone_waits(now)) return false;
  book_.rest(state.source, now + kRest);
  return true;
}

void Swarm::set_place(std::size_t rank, std::size_t count) {
  picker_.set_origin(picker_.pieces() * rank / std::max<std::size_t>(1, count));
}

std::optional<Swarm::Source> Swarm::join(Lane lane, Clock::Steady now) {
  // Until somebody told the plan a second lane could only wait beside the first.
  const unsigned most = begun() ? terms_.lanes_per_source : 1;
  const std::optional<Source> source = book_.claim(now, most);
  if (!source) return std::nullopt;
  lanes_[lane] = {};
  lanes_[lane].source = *source;
  lanes_[lane].in_doubt = book_[*source].failures > 0;
  add_lane(lane);
  return source;
}

std::optional<PiecePicker::Run> Swarm::next_run(Lane lane, Clock::Steady now) {
  LaneState& state = lanes_.at(lane);
  if (dismissed(lane)) return std::nullopt;
  tell_picker(lane, now);
  const auto run = picker_.pick(lane, run_length(state, now));
  if (!run && !state.idle_since) state.idle_since = now;
  if (!run) return run;
  state.idle_since.reset();
  state.running = true;
  state.was_asked = true;
  state.meter.start(now);
  start_piece(state, run->first, now);
  return run;
}

void Swarm::tell_picker(Lane lane, Clock::Steady now) {
  const double typical = typical_rate(now);
  const Source asked = lanes_.at(lane).source;
  for (const auto& [id, state] : lanes_) {
    double rate = state.meter.rate(now);
    if (id == lane && rate <= 0) rate = typical;  // what else to expect of it
    picker_.set_speed(id, rate / static_cast<double>(layout_->piece_size()));
    // A source that keeps one lane waiting is not sooner with another.
    const bool in_vain = state.source == asked && !book_[asked].sent;
    picker_.set_piece_left(id, in_vain ? 0 : piece_left(state, typical, now));
  }
}

// Of the lanes that something comes from; 0 when there are none.
double Swarm::typical_rate(Clock::Steady now) const {
  double sum = 0;
  double count = 0;
  for (const auto& [id, state] : lanes_) {
    const double rate = state.meter.rate(now);
    sum += rate;
    count += rate > 0 ? 1 : 0;
  }
  return count > 0 ? sum / count : 0;
}

double Swarm::piece_left(const LaneState& state, double typical, Clock::Steady now) const {
  const bool waits = now - state.piece_started < kSilence;
  double rate = state.meter.rate(now);
  if (rate <= 0 && !waits) return std::numeric_limits<double>::infinity();
  if (rate <= 0) rate = typical;
  if (rate <= 0) return 0;
  const std::uint64_t length = layout_->piece_length(state.piece);
  return static_cast<double>(length - std::min(length, state.piece_bytes)) / rate;
}

bool Swarm::dismissed(Lane lane) const {
  return book_[lanes_.at(lane).source].fault == SourceBook::Fault::kLied;
}

void Swarm::start_piece(LaneState& state, std::uint64_t piece, Clock::Steady now) {
  state.failures_before = book_[state.source].failures;
  state.piece = piece;
  state.piece_bytes = 0;
  state.piece_started = now;
  state.speed_at_start = state.meter.rate(now);
}

bool Swarm::received(Lane lane, std::uint64_t bytes, std::uint64_t in_piece, Clock::Steady now) {
  LaneState& state = lanes_.at(lane);
  state.meter.add(bytes, now);
  if (bytes > 0) book_.sent(state.source);
  state.piece_bytes = in_piece;
  state.in_doubt = false;
  if (const std::uint64_t there = bytes_there(); there >= most_there_ + kProgressBytes) {
    most_there_ = there;
    last_progress_ = now;
    deserted_since_.reset();
  }
  return picker_.wanted(lane, state.piece) && !dismissed(lane);
}

bool Swarm::finished(Lane lane, std::uint64_t piece, Clock::Steady now) {
  LaneState& state = lanes_.at(lane);
  const std::uint64_t length = layout_->piece_length(piece);
  state.piece_bytes = 0;
  if (picker_.is_verified(piece)) {
    wasted_ += length;
    ++wasted_pieces_;
  } else {
    verified_bytes_ += length;
    book_.delivered(state.source, length);
    last_progress_ = now;
    deserted_since_.reset();
  }
  picker_.finish(lane, piece);
  start_piece(state, piece + 1, now);
  return picker_.wanted(lane, piece + 1) && !dismissed(lane);
}

void Swarm::end_run(Lane lane) {
  LaneState& state = lanes_.at(lane);
  wasted_ += state.piece_bytes;
  if (state.piece_bytes > 0) ++wasted_pieces_;
  state.piece_bytes = 0;
  state.running = false;
  picker_.release(lane);
}

void Swarm::leave(Lane lane) {
  end_run(lane);
  book_.leave(lanes_.at(lane).source);
  picker_.remove_lane(lane);
  lanes_.erase(lane);
}

std::optional<std::string> Swarm::failed(Lane lane, const Error& error, Clock::Steady now) {
  return book_.failed(lanes_.at(lane).source, error, now);
}

void Swarm::hold(Lane lane, Clock::Steady now) { lanes_.at(lane).held_since = now; }

void Swarm::go_on(Lane lane, Clock::Steady now) {
  LaneState& state = lanes_.at(lane);
  if (!state.held_since) return;
  const auto held = now - *state.held_since;
  state.held_since.reset();
  state.piece_started = std::min(now, state.piece_started + held);
  // Of several lanes that are held at once each adds its time: no further than to now.
  last_progress_ = std::min(now, last_progress_ + held);
}

bool Swarm::overdue(Lane lane, Clock::Steady now) const {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return false;
  const LaneState& state = found->second;
  if (state.asked) {
    const milliseconds limit = book_.any_untried() ? kAnswerBesideOthers : kAnswer;
    return now - *state.asked > answer_limit(state, limit);
  }
  if (!state.running || !layout_ || state.held_since) return false;
  const bool alone = !book_.any_other(state.source);
  const SourceBook::Entry& source = book_[state.source];
  const bool mute = !source.sent && (alone || !source.speaks || book_.any_untried());
  if (mute && now - state.piece_started > answer_limit(state, kAnswer)) return true;
  // With nobody else to ask slow is what there is, as long as there is progress.
  if (alone) return now - last_progress_ > terms_.give_up;
  return now - state.piece_started > time_limit(state);
}

// By how often the source had failed when it was asked: two lanes that wait for it since the
// same moment end together.
milliseconds Swarm::answer_limit(const LaneState& state, milliseconds base) {
  return base * (1U << std::min(state.failures_before, kMostDoublings));
}

std::size_t Swarm::lanes_wanted(std::size_t most, Clock::Steady now) const {
  const std::size_t whole = book_.usable_whole();
  std::size_t lanes = whole == 1 ? terms_.lanes_per_source : whole + book_.doubled_lanes();
  lanes += book_.usable_partial();
  // A single piece needs one lane, and another where that one may wait in vain.
  const bool single = layout_ && layout_->piece_count() <= 1;
  if (single) lanes = 1 + (book_.anyone_waits(now) ? silent_lanes(now) : 0);
  return std::clamp<std::size_t>(lanes, 1, most);
}

std::size_t Swarm::silent_lanes(Clock::Steady now) const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [&](const auto& each) {
        const LaneState& state = each.second;
        const bool runs = state.running && !book_[state.source].sent;
        const auto since = state.asked ? *state.asked : state.piece_started;
        return (state.asked || runs) && now - since >= kSilence;
      }));
}

void Swarm::ask(Lane lane, Clock::Steady now) {
  LaneState& state = lanes_.at(lane);
  state.asked = now;
  state.was_asked = true;
  state.failures_before = book_[state.source].failures;
}

milliseconds Swarm::time_limit(const LaneState& state) const {
  const unsigned doublings = std::min(book_[state.source].failures, kMostDoublings);
  return time_for_piece(layout_->piece_size(), state.speed_at_start) * (1U << doublings);
}

std::uint64_t Swarm::run_length(const LaneState& state, Clock::Steady now) const {
  const bool crowd = others_expected_ || book_.usable_partial() > 0;
  const double rate = state.meter.rate(now);
  const double bytes =
      crowd ? rate * kRunSecondsInACrowd : std::max(kFirstRunBytes, rate * kRunSeconds);
  return static_cast<std::uint64_t>(
      std::max(1.0, bytes / static_cast<double>(layout_->piece_size())));
}

bool Swarm::done(Clock::Steady now) const {
  if (!complete()) return false;
  if (now - last_progress_ >= kLastWords) return true;
  return std::none_of(lanes_.begin(), lanes_.end(), [&](const auto& each) {
    return each.second.running && !picker_.has_run(each.first);
  });
}

// Everybody failed when asked last; some may be being asked again.
bool Swarm::deserted() const {
  return !book_.any_promising() && std::all_of(lanes_.begin(), lanes_.end(), [](const auto& each) {
    return each.second.in_doubt;
  });
}

bool Swarm::over(Clock::Steady now) {
  if (book_.hopeless()) return true;
  if (deserted()) {
    if (!deserted_since_) deserted_since_ = now;
    if (now - *deserted_since_ >= terms_.wait) return true;
  }
  const bool held = std::any_of(lanes_.begin(), lanes_.end(), [](const auto& each) {
    return each.second.held_since.has_value();
  });
  if (held) return false;
  const milliseconds patience = std::max(terms_.give_up, terms_.wait);
  return now - last_progress_ >= (book_.any_unproven() ? 3 * patience : patience);
}

std::uint64_t Swarm::bytes_there() const {
  std::uint64_t bytes = verified_bytes_;
  for (const auto& [lane, state] : lanes_) bytes += state.piece_bytes;
  return layout_ ? std::min(bytes, layout_->file_size()) : bytes;
}

}  // namespace trueque
