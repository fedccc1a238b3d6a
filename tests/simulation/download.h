// One peer's download: the rules of Swarm driven by events as LaneTeam drives them by
// threads, over the simulated network and disk. Checks, at each step, what must hold
// whatever others do:
//   - a piece counts once its right bytes are on the disk, and is not touched after;
//   - a piece is under way with two lanes only as a copy that was said to be one, and with
//     more only where the others say nothing;
//   - who lied is not asked for anything again;
//   - bytes that are fetched in vain: one piece at most for each failure of a source, each
//     copy and each lane cut short, by going offline or for its source lied to another;
//   - without progress it ends when its patience does.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "peer_client/core/swarm.h"
#include "peer_client/core/transfer.h"
#include "tests/simulation/fake_disk.h"
#include "tests/simulation/uploader.h"

namespace trueque::simulation {

// What a download sees of the others.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual EventQueue& events() = 0;
  virtual const Network& network() = 0;
  virtual Uploader& uploader(PeerId peer) = 0;
  // Sources the directory names to that peer.
  virtual std::vector<TransferSource> sources_for(PeerId peer) = 0;
  // Others that fetch it now, and which of them all this one is; told when it says that
  // it does so itself. None of it where peers do not tell the directory.
  virtual std::optional<SwarmNews> join_swarm(PeerId peer) = 0;
  // What a peer says it holds, by piece; empty: all. Nothing: it has none of it.
  virtual std::optional<std::vector<bool>> held_by(PeerId peer) = 0;
  virtual std::uint64_t new_call() = 0;
  virtual void finished(PeerId peer) = 0;
};

TransferSource source_of(PeerId peer, std::uint64_t size, bool partial);

struct DownloadCounts {
  std::uint64_t failures = 0;  // of sources
  std::uint64_t copies = 0;
  std::uint64_t cut_short = 0;  // lanes at work when it ended, or when their source was caught
  std::uint64_t liars = 0;
};

class Download final : public Caller {
 public:
  enum class State { kIdle, kRunning, kWhole, kGaveUp };

  Download(PeerId self, Surroundings& around, const PieceLayout& layout, std::uint64_t seed)
      : self_(self), around_(around), layout_(layout), seed_(seed), disk_(layout.piece_count()) {}

  void start();
  // Offline; start() goes on with what is on the disk.
  void stop();

  void chunk(std::uint64_t call, std::uint64_t bytes, bool right) override;
  void ended(std::uint64_t call, const Status& status) override;

  State state() const { return state_; }
  Time end() const { return end_; }
  const FakeDisk& disk() const { return disk_; }
  FakeDisk& disk() { return disk_; }
  const DownloadCounts& counts() const { return counts_; }
  // Received and not kept, being wrong, there twice or cut short.
  std::uint64_t bytes_in_vain() const;

 private:
  using Lane = Swarm::Lane;
  struct LaneState {
    bool joined = false;
    std::uint64_t life = 0;  // what was planned for an earlier one is void
    PeerId peer = 0;
    std::uint64_t call = 0;  // 0: none
    PiecePicker::Run run;
    std::uint64_t piece = 0;
    Time heard;
    Time asked;  // what its source holds

    bool through() const { return piece == run.first + run.count; }
  };

  Time now() const { return around_.events().now(); }
  bool reaches(PeerId peer) const;
  milliseconds way_to(PeerId peer) const { return around_.network().latency(self_, peer); }
  // Runs unless the lane has let go of its source by then.
  void later(Lane lane, Duration time, std::function<void()> action);
  void every_tick(std::uint64_t life);
  void refresh();
  void keep_seat();
  void add_lanes();
  std::size_t lanes_wanted() const;
  bool over();
  void check_end() const;
  void finish(State state);

  void step(Lane lane);
  void connect(Lane lane);
  void learn(Lane lane);
  void ask(Lane lane);
  void wait_for_work(Lane lane);
  void check_run(Lane lane, const PiecePicker::Run& run) const;
  void send_call(Lane lane);
  void close_piece(Lane lane, std::uint64_t bytes);
  void supersede(Lane lane, std::uint64_t piece);
  void end_run(Lane lane);
  void fail(Lane lane, const Error& error);
  void let_go(Lane lane);
  void cancel_call(Lane lane);
  LaneState* lane_of(std::uint64_t call, Lane& lane);

  PeerId self_;
  Surroundings& around_;
  const PieceLayout layout_;
  const std::uint64_t seed_;
  FakeDisk disk_;
  std::optional<Swarm> swarm_;
  std::vector<LaneState> lanes_;
  std::set<PeerId> liars_;
  std::uint64_t life_ = 0;  // one for each start()
  Time progress_;
  Time refreshed_;
  Time seat_renewal_;
  Duration seat_pause_{};
  Time end_;
  State state_ = State::kIdle;
  DownloadCounts counts_;
};

}  // namespace trueque::simulation
