// One download from many sources, as rules without threads, sockets or a clock:
// which lane works with which source on which pieces, how long a piece may take,
// who is left out, and when it is over. Whoever drives it (threads in Transfer,
// events in a simulation) reports what happens and does what it says.
// Not synchronised.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "peer_client/core/piece_picker.h"
#include "peer_client/core/piece_plan.h"
#include "peer_client/core/rate_meter.h"
#include "peer_client/core/source_book.h"

namespace trueque {

struct SwarmTerms {
  // No piece, and no 64 KiB more than ever, for so long ends it; three times that while a
  // source has not had its first chance.
  std::chrono::milliseconds give_up{60'000};
  // Nobody to fetch from for so long, and nothing coming meanwhile, ends it too.
  std::chrono::milliseconds wait{60'000};
  unsigned lanes_per_source = 2;
  std::uint64_t seed = 0;  // where to begin
};

class Swarm {
 public:
  using Lane = PiecePicker::Lane;
  using Source = SourceBook::Index;

  Swarm(SwarmTerms terms, Clock::Steady now) : terms_(terms), last_progress_(now) {}

  void add_sources(std::span<const TransferSource> sources) { book_.add(sources); }
  // What is to be fetched is known from here on; `verified` is there already.
  void begin(const PieceLayout& layout, std::span<const std::uint64_t> verified, Clock::Steady now);
  bool begun() const { return layout_.has_value(); }

  // A source for a lane that has none; nothing while there is none to ask.
  std::optional<Source> join(Lane lane, Clock::Steady now);
  // From ask() to answered() the lane waits for what its source tells of the file.
  void ask(Lane lane, Clock::Steady now);
  void answered(Lane lane) { lanes_.at(lane).asked.reset(); }
  // What the lane's source holds, by piece; empty: all. One with a part holds nothing
  // until this is told once it has begun; what was not known to have a part, has one then.
  void set_held(Lane lane, const std::vector<bool>& held);
  bool has_part(Lane lane) const { return book_[lanes_.at(lane).source].source.partial; }
  // Whether a lane that was given nothing should let its source go, because others wait to be
  // asked: one with a part at once, one that was asked and never sent anything after a moment.
  // It rests.
  bool give_way(Lane lane, Clock::Steady now);
  // Others may fetch this content too, who they are is not known yet: runs are short as
  // they are among others.
  void expect_others(bool expected) { others_expected_ = expected; }
  // We are number `rank` of `count` that fetch this content now: each begins elsewhere,
  // so that they have something to give to each other.
  void set_place(std::size_t rank, std::size_t count);
  // The next pieces for a lane that joined. Nothing while others fetch all there is.
  std::optional<PiecePicker::Run> next_run(Lane lane, Clock::Steady now);
  // Whether the lane's source lied meanwhile, to another lane: it should leave it.
  bool dismissed(Lane lane) const;
  // Bytes of its run arrived; `in_piece` of the piece under way are there now. False
  // when the lane should go no further.
  bool received(Lane lane, std::uint64_t bytes, std::uint64_t in_piece, Clock::Steady now);
  // A piece of its run is verified. False when the run ends here.
  bool finished(Lane lane, std::uint64_t piece, Clock::Steady now);
  // The piece under way is wrong: so many bytes of it were fetched in vain.
  void spoiled(Lane lane, std::uint64_t in_piece) { lanes_.at(lane).piece_bytes = in_piece; }
  // The lane's run is over, whole or not.
  void end_run(Lane lane);
  // The lane has no source any more: it may join anew.
  void leave(Lane lane);
  // Judges the lane's source. A sentence for the person where there is one.
  std::optional<std::string> failed(Lane lane, const Error& error, Clock::Steady now);

  // From hold() to go_on() the lane is kept waiting on this side, by a limit on bytes a
  // second: that time is not held against anybody.
  void hold(Lane lane, Clock::Steady now);
  void go_on(Lane lane, Clock::Steady now);
  // Whether the lane's piece, or its source's answer, takes longer than it may.
  bool overdue(Lane lane, Clock::Steady now) const;
  // What is said of its source then.
  const char* why_overdue(Lane lane) const {
    return book_[lanes_.at(lane).source].sent ? "sends too slowly" : "does not answer";
  }
  // How many lanes there should be, at most `most`.
  std::size_t lanes_wanted(std::size_t most, Clock::Steady now) const;
  // A second copy of a piece has no place to be written: there will be none.
  void forbid_copies() { picker_.forbid_copies(); }

  bool is_verified(std::uint64_t piece) const { return picker_.is_verified(piece); }
  // The other lanes that are fetching the piece.
  std::vector<Lane> others_at(Lane lane, std::uint64_t piece) const {
    return picker_.others_at(lane, piece);
  }
  bool complete() const { return begun() && picker_.complete(); }
  // Complete, and no lane is still hearing the end of a stream that may yet say more
  // than it should.
  bool done(Clock::Steady now) const;
  // Whether nothing more can come of it. To be asked often.
  bool over(Clock::Steady now);
  // Since when there is nobody to fetch from, as over() found; none while something comes.
  std::optional<Clock::Steady> deserted_since() const { return deserted_since_; }
  // When a source that rests may be asked again, if one does.
  std::optional<Clock::Steady> next_chance() const { return book_.next_chance(); }

  // Bytes of verified pieces, and of those under way.
  std::uint64_t bytes_there() const;
  // Bytes that were thrown away, being wrong or there twice.
  std::uint64_t bytes_wasted() const { return wasted_; }
  // The pieces they are of, each as often as something of it was.
  std::uint64_t pieces_wasted() const { return wasted_pieces_; }
  const SourceBook& book() const { return book_; }
  // The source of a lane that joined.
  const TransferSource& source_of(Lane lane) const { return book_[lanes_.at(lane).source].source; }

 private:
  struct LaneState {
    Source source = 0;
    RateMeter meter;
    std::uint64_t piece = 0;        // under way
    std::uint64_t piece_bytes = 0;  // of it so far
    double speed_at_start = 0;      // bytes a second, when the piece began; 0: unknown
    Clock::Steady piece_started{};
    std::optional<Clock::Steady> held_since;
    std::optional<Clock::Steady> asked;  // for the answer under way
    std::optional<Clock::Steady> idle_since;
    unsigned failures_before = 0;  // of its source, when it was asked or the piece began
    bool running = false;
    bool was_asked = false;  // its source, for anything
    bool in_doubt = false;   // its source failed last time, and gave nothing since
  };

  void add_lane(Lane lane);
  void tell_picker(Lane lane, Clock::Steady now);
  double typical_rate(Clock::Steady now) const;
  double piece_left(const LaneState& state, double typical, Clock::Steady now) const;
  void start_piece(LaneState& state, std::uint64_t piece, Clock::Steady now);
  std::chrono::milliseconds time_limit(const LaneState& state) const;
  static std::chrono::milliseconds answer_limit(const LaneState& state,
                                                std::chrono::milliseconds base);
  // Lanes that have waited for a while, and nothing at all came.
  std::size_t silent_lanes(Clock::Steady now) const;
  std::uint64_t run_length(const LaneState& state, Clock::Steady now) const;
  bool deserted() const;

  SwarmTerms terms_;
  SourceBook book_;
  std::optional<PieceLayout> layout_;
  PiecePicker picker_;
  std::map<Lane, LaneState> lanes_;
  bool others_expected_ = false;
  std::uint64_t verified_bytes_ = 0;
  std::uint64_t wasted_ = 0;  // bytes
  std::uint64_t wasted_pieces_ = 0;
  Clock::Steady last_progress_;
  std::uint64_t most_there_ = 0;  // of bytes_there(), when it last counted as progress
  std::optional<Clock::Steady> deserted_since_;
};

}  // namespace trueque
