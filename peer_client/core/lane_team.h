// The threads of a download from sources that agree on its size: each lane takes a
// source, fetches the pieces Swarm gives it, and reports. The calling thread looks
// after them: it cuts off a lane whose piece takes too long, and adds lanes when
// sources join.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "peer_client/core/piece_run.h"
#include "peer_client/core/transfer.h"

namespace trueque {

class LaneTeam {
 public:
  LaneTeam(const TransferContext& context, const ContentId& content, std::uint64_t size,
           PartStore& store);
  LaneTeam(const LaneTeam&) = delete;
  LaneTeam& operator=(const LaneTeam&) = delete;

  // Once. Results as those of Transfer::run().
  Result<std::uint64_t> run(const std::vector<TransferSource>& sources);
  // After run().
  const Swarm& swarm() const { return swarm_; }

 private:
  using Lane = Swarm::Lane;
  // How soon a lane without work looks again while others work.
  static constexpr std::chrono::milliseconds kGlance{50};
  struct Slot {
    PeerChannel* channel = nullptr;  // while a call may run
    bool cut_off = false;            // its piece took too long
    bool superseded = false;         // another lane has its piece
    std::thread thread;
  };

  Status begin_with_what_is_known();
  void look_after_lanes();
  std::uint64_t room_to_reserve() const;
  void reserve_some();
  void add_lanes();
  void cut_off_late_ones();
  // Takes in the sources the directory names, and says when it waits for one.
  void look_for_sources();
  void tell_of_waiting();
  // Takes in who else fetches this content, from the time there is something to give.
  void look_for_others();
  std::size_t lanes_wanted() const;

  // From here on in lane_team_work.cpp, but for idle() and those after it.
  void work(Lane lane);
  // Takes a source, fetches from it until it fails or there is nothing more to do.
  void work_with(Lane lane, const TransferSource& source);
  // Asks the source where that is needed: nobody told the plan yet, or it has a part only
  // (which may turn out just now).
  Status learn(Lane lane, PeerChannel& channel, const TransferSource& source);
  Result<RemoteFile> ask(Lane lane, PeerChannel& channel);
  Status adopt(const PiecePlan& plan);
  Status fetch_runs(Lane lane, PeerChannel& channel, const TransferSource& source);
  bool give_way(Lane lane);
  Status fetch_run(Lane lane, PeerChannel& channel, const PiecePicker::Run& run);
  Status give_up_copies();
  // Takes the piece from the lanes that fetch it too, once they have let go of it.
  // False when one of them was through first.
  bool take_over(Lane lane, std::uint64_t piece);
  bool verified(Lane lane, std::uint64_t piece);
  // What is left of the run; under a limit in portions.
  Status fetch_range(Lane lane, PeerChannel& channel, const PieceRun& bytes_of,
                     const PeerChannel::Sink& sink);
  Status received(Lane lane, std::size_t bytes, const PieceRun& run);
  Status spoiled(Lane lane, const PieceRun& run, Status status);
  void tell_of_going_on(Lane lane);
  // Keeps the lane waiting until the limit lets so many bytes go. False when the wait
  // was cut short.
  bool keep_to_limit(Lane lane, std::uint64_t bytes);
  bool may_wait(Lane lane);
  void idle(Clock::Steady until);
  bool ended();
  void set_held(Lane lane, const RemoteFile& file);
  bool has_part(Lane lane);
  void fail_locally(const Status& status);
  void report_progress();
  // Their labels, when they are others than were told last.
  std::optional<std::vector<std::string>> news_of_sources();
  void say(const std::string& sentence);

  const TransferContext& context_;
  const ContentId content_;
  const std::uint64_t size_;
  PartStore& store_;
  Cancellation stop_;  // the lanes are to end

  std::mutex adopt_mutex_;  // held while the part is looked at; before mutex_
  std::mutex mutex_;        // guards the next eight
  std::condition_variable changed_;
  Swarm swarm_;
  PiecePlan plan_;  // never changes once the swarm has begun
  std::deque<Slot> slots_;
  std::size_t lanes_running_ = 0;
  Status local_error_;
  SourceRefresh refresh_;
  SwarmSeat seat_;
  bool waiting_told_ = false;
  bool looking_ = false;  // at what is in the part

  std::uint64_t reserved_ = 0;  // bytes of the part; of the calling thread alone

  std::mutex observer_mutex_;                                   // one caller at a time
  std::optional<std::vector<SourceBook::Index>> told_sources_;  // guarded by it
};

}  // namespace trueque
