// What PiecePicker promises, kept the slow way: for each lane the list of pieces it
// was given and has not given back. Every answer of the picker is checked against it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "peer_client/core/piece_picker.h"
#include "tests/fuzz/require.h"

namespace trueque::testing {

class NaivePicker {
 public:
  using Lane = PiecePicker::Lane;
  using Pieces = std::vector<std::uint64_t>;

  explicit NaivePicker(std::uint64_t pieces) : verified_(pieces) {}

  void add(Lane lane, std::vector<bool> held) { lanes_[lane].held = std::move(held); }
  void set_held(Lane lane, std::vector<bool> held) { lanes_.at(lane).held = std::move(held); }
  void remove(Lane lane) { lanes_.erase(lane); }
  void release(Lane lane) { lanes_.at(lane).run.clear(); }
  void set_verified(std::uint64_t piece) { verified_[piece] = true; }
  // Nothing comes of the lane, or something does again.
  void set_silent(Lane lane, bool silent) {
    lanes_.at(lane).silent = silent;
    any_silent_ = any_silent_ || silent;
  }

  bool has(Lane lane) const { return lanes_.contains(lane); }
  // The piece the lane is at; nothing without a run.
  std::optional<std::uint64_t> current(Lane lane) const {
    const Pieces& run = lanes_.at(lane).run;
    return run.empty() ? std::nullopt : std::optional(run.front());
  }

  void finish(Lane lane, std::uint64_t piece) {
    verified_[piece] = true;
    std::erase(lanes_.at(lane).run, piece);
  }

  // The picker gave this; takes it over, or ends the program where it breaks a promise.
  void given(Lane lane, const std::optional<PiecePicker::Run>& run, std::uint64_t most) {
    const Pieces free = free_for(lane);
    if (!run) return require(free.empty());
    require(run->count >= 1 && run->count <= std::max<std::uint64_t>(1, most));
    require(run->first + run->count <= verified_.size());
    if (run->copy) {
      require(free.empty() && run->count == 1);
      require_copy(lane, run->first);
    } else if (!free.empty()) {
      require_free(*run, free);
    } else {
      cut(*run);
    }
    for (std::uint64_t piece = run->first; piece < run->first + run->count; ++piece) {
      require(!verified_[piece] && holds(lanes_.at(lane), piece));
      lanes_.at(lane).run.push_back(piece);
    }
  }

  void require_same(const PiecePicker& picker) const {
    std::uint64_t count = 0;
    for (std::uint64_t piece = 0; piece < verified_.size(); ++piece) {
      count += verified_[piece] ? 1 : 0;
      require(picker.is_verified(piece) == verified_[piece]);
      require(any_silent_ || holding_run(piece) <= 2);
    }
    require(picker.verified() == count && picker.complete() == (count == verified_.size()));
    for (const auto& [lane, state] : lanes_) {
      require(picker.has_run(lane) == !state.run.empty());
      for (std::uint64_t piece = 0; piece < verified_.size(); ++piece)
        require(picker.wanted(lane, piece) == (is_in(state.run, piece) && !verified_[piece]));
      if (!state.run.empty()) require_others(picker, lane, state.run.front());
    }
  }

 private:
  struct State {
    std::vector<bool> held;  // empty: all
    Pieces run;
    bool silent = false;
  };

  static bool is_in(const Pieces& run, std::uint64_t piece) {
    return std::find(run.begin(), run.end(), piece) != run.end();
  }
  static bool holds(const State& state, std::uint64_t piece) {
    return state.held.empty() || state.held[piece];
  }
  std::size_t holding_run(std::uint64_t piece) const {
    std::size_t count = 0;
    for (const auto& [lane, state] : lanes_) count += is_in(state.run, piece) ? 1 : 0;
    return count;
  }
  std::size_t holders(std::uint64_t piece) const {
    std::size_t count = 0;
    for (const auto& [lane, state] : lanes_) count += holds(state, piece) ? 1 : 0;
    return count;
  }
  Pieces free_for(Lane lane) const {
    Pieces free;
    for (std::uint64_t piece = 0; piece < verified_.size(); ++piece) {
      if (!verified_[piece] && holding_run(piece) == 0 && holds(lanes_.at(lane), piece))
        free.push_back(piece);
    }
    return free;
  }

  // Nobody fetches any of it, and no free piece is held by fewer lanes than all of it.
  void require_free(const PiecePicker::Run& run, const Pieces& free) const {
    for (std::uint64_t piece = run.first; piece < run.first + run.count; ++piece)
      require(is_in(free, piece) && holders(piece) == holders(run.first));
    for (const std::uint64_t piece : free) require(holders(run.first) <= holders(piece));
  }

  // Others fetch it, each as the last of its run, but one at most that something comes of.
  void require_copy(Lane thief, std::uint64_t piece) const {
    require(holding_run(piece) > 0 && !is_in(lanes_.at(thief).run, piece));
    std::size_t hopeful = 0;
    for (const auto& [lane, state] : lanes_) {
      if (!is_in(state.run, piece)) continue;
      require(state.run.size() == 1);
      hopeful += state.silent ? 0 : 1;
    }
    require(hopeful <= 1);
  }

  // The end of one lane's run, and not the piece that lane is at.
  void cut(const PiecePicker::Run& run) {
    for (auto& [lane, state] : lanes_) {
      if (!is_in(state.run, run.first)) continue;
      require(state.run.size() > run.count && state.run.back() == run.first + run.count - 1);
      state.run.resize(state.run.size() - run.count);
      break;
    }
    for (std::uint64_t piece = run.first; piece < run.first + run.count; ++piece)
      require(holding_run(piece) == 0);
  }

  void require_others(const PiecePicker& picker, Lane lane, std::uint64_t piece) const {
    std::vector<Lane> others;
    for (const auto& [id, state] : lanes_) {
      if (id != lane && is_in(state.run, piece)) others.push_back(id);
    }
    require(picker.others_at(lane, piece) == others);
  }

  std::vector<bool> verified_;
  std::map<Lane, State> lanes_;
  bool any_silent_ = false;  // ever
};

}  // namespace trueque::testing
