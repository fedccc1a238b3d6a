// Which pieces of one content are fetched next, and by which lane (one stream from
// one source). A plain data structure: no socket, no clock, no randomness.
//
// A lane is given runs of consecutive pieces and works through its run from the
// start. In this order it is given
//   1. pieces nobody fetches yet, those that the fewest lanes hold first
//   2. the tail of the run that would be finished last, cut off from its lane
//   3. a second copy of the last piece of a run, where it will come sooner this way
// so a piece is under way at most twice, and only at the end. A lane that nothing comes of
// counts for nothing in this: however many are mute, a piece is not theirs to keep.
// Not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace trueque {

class PiecePicker {
 public:
  using Lane = std::uint32_t;

  struct Run {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    bool copy = false;  // of a piece another lane is fetching
    bool operator==(const Run&) const = default;
  };

  PiecePicker() = default;
  // `origin`: the piece to begin with where nothing else decides, so that a crowd
  // does not begin all at the same one.
  PiecePicker(std::uint64_t pieces, std::uint64_t origin);

  void set_origin(std::uint64_t piece) { origin_ = pieces() == 0 ? 0 : piece % pieces(); }

  // A lane whose source holds every piece, or those marked in `held`.
  void add_lane(Lane lane, std::vector<bool> held = {});
  void set_held(Lane lane, std::vector<bool> held);
  // Gives back what it was fetching.
  void remove_lane(Lane lane);
  // From now on no piece is given a second time.
  void forbid_copies() { copies_ = false; }
  // Pieces a second; 0 while unknown or stalled.
  void set_speed(Lane lane, double speed);
  // Seconds until the piece under way is there, where more is known than the speed;
  // infinite when nothing of it comes.
  void set_piece_left(Lane lane, double seconds);

  // The next run of at most `most` pieces (at least 1 is given where there is one).
  // The lane must have none. Nothing when there is nothing it could do now.
  std::optional<Run> pick(Lane lane, std::uint64_t most);
  // Gives back what is left of the lane's run.
  void release(Lane lane);
  // Whether the lane should go on with this piece: still missing, and its own.
  bool wanted(Lane lane, std::uint64_t piece) const;
  bool has_run(Lane lane) const;
  // The piece is verified. The lane that fetched it goes on to the next of its run.
  void finish(Lane lane, std::uint64_t piece);

  // The other lanes that are fetching the piece.
  std::vector<Lane> others_at(Lane lane, std::uint64_t piece) const;

  // Verified without having been fetched.
  void set_verified(std::uint64_t piece);

  bool is_verified(std::uint64_t piece) const { return verified_[piece]; }
  std::uint64_t verified() const { return verified_count_; }
  std::uint64_t pieces() const { return verified_.size(); }
  bool complete() const { return verified_count_ == verified_.size(); }

 private:
  struct State {
    std::vector<bool> held;  // empty: all
    std::uint64_t next = 0;  // the piece under way
    std::uint64_t end = 0;   // of the run; next == end: none
    double speed = 0;
    std::optional<double> piece_left;  // seconds

    bool holds(std::uint64_t piece) const { return held.empty() || held[piece]; }
    std::uint64_t left() const { return end - next; }
  };

  bool is_free(const State& lane, std::uint64_t piece) const;
  std::uint32_t holders(std::uint64_t piece) const;
  std::optional<Run> pick_free(const State& lane, std::uint64_t most) const;
  std::optional<Run> cut_tail(Lane thief, std::uint64_t most);
  std::optional<Run> double_up(Lane lane) const;
  // Lanes that have the piece in their run and that something comes of, or may yet.
  std::size_t hopeful_at(std::uint64_t piece) const;
  // Whether `lane` would have the piece sooner than the lane that is at it.
  static bool is_sooner(const State& lane, const State& other);
  static bool is_silent(const State& lane);
  // Seconds until the lane is through its run; infinite while its speed is unknown.
  static double time_left(const State& lane);
  // The same for the piece under way.
  static double piece_left(const State& lane);

  std::uint64_t origin_ = 0;
  bool copies_ = true;
  std::vector<bool> verified_;
  std::uint64_t verified_count_ = 0;
  std::vector<std::uint8_t> under_way_;  // lanes that fetch each piece
  std::map<Lane, State> lanes_;
};

}  // namespace trueque
