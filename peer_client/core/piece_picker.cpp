#include "peer_client/core/piece_picker.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trueque {
namespace {

constexpr std::size_t kMostCopies = 2;
// A second copy has to come in this part of the time that the first is expected to take:
// both are estimates, and what is fetched twice is taken from others.
constexpr double kSooner = 0.3;

}  // namespace

PiecePicker::PiecePicker(std::uint64_t pieces, std::uint64_t origin)
    : origin_(pieces == 0 ? 0 : origin % pieces), verified_(pieces), under_way_(pieces) {}

void PiecePicker::add_lane(Lane lane, std::vector<bool> held) {
  lanes_[lane].held = std::move(held);
}

void PiecePicker::set_held(Lane lane, std::vector<bool> held) {
  if (const auto found = lanes_.find(lane); found != lanes_.end())
    found->second.held = std::move(held);
}

void PiecePicker::remove_lane(Lane lane) {
  release(lane);
  lanes_.erase(lane);
}

void PiecePicker::set_speed(Lane lane, double speed) {
  if (const auto found = lanes_.find(lane); found != lanes_.end()) found->second.speed = speed;
}

void PiecePicker::set_piece_left(Lane lane, double seconds) {
  if (const auto found = lanes_.find(lane); found != lanes_.end())
    found->second.piece_left = seconds;
}

std::optional<PiecePicker::Run> PiecePicker::pick(Lane lane, std::uint64_t most) {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return std::nullopt;
  most = std::max<std::uint64_t>(1, most);
  std::optional<Run> run = pick_free(found->second, most);
  if (!run) run = cut_tail(lane, most);
  if (!run && copies_) run = double_up(lane);
  if (!run) return std::nullopt;
  found->second.next = run->first;
  found->second.end = run->first + run->count;
  for (std::uint64_t piece = run->first; piece < run->first + run->count; ++piece)
    ++under_way_[piece];
  return run;
}

void PiecePicker::release(Lane lane) {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  State& state = found->second;
  for (; state.next < state.end; ++state.next) --under_way_[state.next];
}

bool PiecePicker::wanted(Lane lane, std::uint64_t piece) const {
  const auto found = lanes_.find(lane);
  return found != lanes_.end() && piece >= found->second.next && piece < found->second.end &&
         !verified_[piece];
}

bool PiecePicker::has_run(Lane lane) const {
  const auto found = lanes_.find(lane);
  return found != lanes_.end() && found->second.left() > 0;
}

void PiecePicker::finish(Lane lane, std::uint64_t piece) {
  set_verified(piece);
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  State& state = found->second;
  for (; state.next < state.end && state.next <= piece; ++state.next) --under_way_[state.next];
}

void PiecePicker::set_verified(std::uint64_t piece) {
  if (verified_[piece]) return;
  verified_[piece] = true;
  ++verified_count_;
}

std::vector<PiecePicker::Lane> PiecePicker::others_at(Lane lane, std::uint64_t piece) const {
  std::vector<Lane> others;
  for (const auto& [id, state] : lanes_) {
    if (id != lane && piece >= state.next && piece < state.end) others.push_back(id);
  }
  return others;
}

bool PiecePicker::is_free(const State& lane, std::uint64_t piece) const {
  return !verified_[piece] && under_way_[piece] == 0 && lane.holds(piece);
}

std::uint32_t PiecePicker::holders(std::uint64_t piece) const {
  std::uint32_t count = 0;
  for (const auto& [id, lane] : lanes_) count += lane.holds(piece) ? 1 : 0;
  return count;
}

std::optional<PiecePicker::Run> PiecePicker::pick_free(const State& lane,
                                                       std::uint64_t most) const {
  std::optional<std::uint64_t> best;
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  for (std::uint64_t step = 0; step < pieces() && fewest > 1; ++step) {
    const std::uint64_t piece = (origin_ + step) % pieces();
    if (!is_free(lane, piece)) continue;
    const std::uint32_t count = holders(piece);
    if (count >= fewest) continue;
    best = piece;
    fewest = count;
  }
  if (!best) return std::nullopt;
  Run run{*best, 1};
  for (std::uint64_t piece = *best + 1; piece < pieces() && run.count < most;
       ++piece, ++run.count) {
    if (!is_free(lane, piece) || holders(piece) != fewest) break;
  }
  return run;
}

// The piece under way stays with its lane; of those behind it the thief gets as
// many as make both finish together.
std::optional<PiecePicker::Run> PiecePicker::cut_tail(Lane thief, std::uint64_t most) {
  const State& lane = lanes_.at(thief);
  State* slowest = nullptr;
  for (auto& [id, other] : lanes_) {
    if (id == thief || other.left() < 2 || !lane.holds(other.end - 1)) continue;
    if (slowest == nullptr || time_left(other) > time_left(*slowest)) slowest = &other;
  }
  if (slowest == nullptr) return std::nullopt;
  const double share = lane.speed > 0 ? lane.speed / (slowest->speed + lane.speed) : 0.5;
  const auto wish =
      static_cast<std::uint64_t>(std::ceil(static_cast<double>(slowest->left() - 1) * share));
  Run run{slowest->end, 0};
  while (run.count < std::min(wish, most) && slowest->left() > 1 && lane.holds(run.first - 1)) {
    --run.first;
    ++run.count;
    --slowest->end;
    --under_way_[run.first];
  }
  return run;
}

std::optional<PiecePicker::Run> PiecePicker::double_up(Lane lane) const {
  const State& own = lanes_.at(lane);
  const State* slowest = nullptr;
  for (const auto& [id, other] : lanes_) {
    if (id == lane || other.left() != 1 || verified_[other.next]) continue;
    if (!own.holds(other.next) || hopeful_at(other.next) >= kMostCopies) continue;
    if (!is_sooner(own, other)) continue;
    if (slowest == nullptr || piece_left(other) > piece_left(*slowest)) slowest = &other;
  }
  if (slowest == nullptr) return std::nullopt;
  return Run{slowest->next, 1, true};
}

std::size_t PiecePicker::hopeful_at(std::uint64_t piece) const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [&](const auto& each) {
        const State& lane = each.second;
        return piece >= lane.next && piece < lane.end && !is_silent(lane);
      }));
}

// Of a lane whose speed is not known more is to be expected than of one that is silent.
bool PiecePicker::is_sooner(const State& lane, const State& other) {
  if (lane.speed <= 0) return is_silent(other);
  return 1 / lane.speed <= kSooner * piece_left(other);
}

bool PiecePicker::is_silent(const State& lane) {
  return lane.piece_left && std::isinf(*lane.piece_left);
}

double PiecePicker::piece_left(const State& lane) {
  if (lane.piece_left) return *lane.piece_left;
  return lane.speed > 0 ? 1 / lane.speed : std::numeric_limits<double>::infinity();
}

double PiecePicker::time_left(const State& lane) {
  if (lane.speed <= 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(lane.left()) / lane.speed;
}

}  // namespace trueque
