// Peers of one simulation, each with a line, an uploader and a download, and the
// directory that tells them of each other. A run is told by its scenario and seed alone.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "tests/simulation/download.h"

namespace trueque::simulation {

struct CrowdTerms {
  std::uint64_t seed = 0;
  std::size_t peers = 200;
  std::size_t seeds = 20;  // the first ones; these hold the file and stay
  std::uint64_t pieces = 16;
  milliseconds arrivals{10'000};  // when the others begin
  UploadSchedule::Limits uploads{};
  bool swarms = true;  // those who fetch give each other what they have
};

class Crowd final : public Surroundings {
 public:
  explicit Crowd(const CrowdTerms& terms);

  // For setting the scene.
  Network& lines() { return network_; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  Uploader& uploader(PeerId peer) override { return peers_[peer]->uploader; }
  EventQueue& events() override { return events_; }
  // Holds the file from the start, like a seed.
  void give_everything(PeerId peer);
  void go_offline(PeerId peer);
  void come_online(PeerId peer);
  Duration elapsed() const { return events_.now() - begun_; }

  // To the end of all downloads, or of `longest`.
  void run(Duration longest);

  std::size_t size() const { return peers_.size(); }
  bool is_source(PeerId peer) const { return peers_[peer]->source; }
  const Download& download(PeerId peer) const { return peers_[peer]->download; }
  std::size_t count(Download::State state) const;
  DownloadCounts counts() const;
  std::uint64_t bytes_in_vain() const;
  // When the last download was whole, since the start.
  Duration whole_after() const;
  std::uint64_t file_size() const { return layout_.file_size(); }

  const Network& network() override { return network_; }
  std::vector<TransferSource> sources_for(PeerId peer) override;
  std::optional<SwarmNews> join_swarm(PeerId peer) override;
  std::optional<std::vector<bool>> held_by(PeerId peer) override;
  std::uint64_t new_call() override { return ++last_call_; }
  void finished(PeerId peer) override;

 private:
  struct Peer {
    Peer(PeerId self, Crowd& crowd, const CrowdTerms& terms, std::uint64_t seed)
        : uploader(self, crowd.events_, crowd.network_, terms.uploads),
          download(self, crowd, crowd.layout_, seed) {}
    Uploader uploader;
    Download download;
    bool source = false;  // from the start
  };

  const bool swarms_;
  PieceLayout layout_;
  EventQueue events_;
  const Time begun_ = events_.now();
  Network network_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<PeerId> listed_;    // who has the file, as the directory knows
  std::map<PeerId, Time> swarm_;  // when each said that it is fetching
  std::uint64_t last_call_ = 0;
};

}  // namespace trueque::simulation
