#include "tests/simulation/crowd.h"

#include <algorithm>

namespace trueque::simulation {
namespace {

// As many as the directory's answer holds.
constexpr std::size_t kSourcesTold = 50;
constexpr std::size_t kSwarmTold = 50;
constexpr std::chrono::seconds kSwarmLease{30};

}  // namespace

Crowd::Crowd(const CrowdTerms& terms)
    : swarms_(terms.swarms),
      layout_(terms.pieces * kMinPieceSize - 5),
      network_(terms.peers),
      random_(terms.seed) {
  for (PeerId peer = 0; peer < terms.peers; ++peer) {
    peers_.push_back(std::make_unique<Peer>(peer, *this, terms, random_()));
    network_[peer].latency = milliseconds(1 + below(60));
    network_[peer].up = 2e6 + static_cast<double>(below(8'000'000));
    if (peer < terms.seeds) {
      give_everything(peer);
    } else {
      const milliseconds when(below(static_cast<std::uint64_t>(terms.arrivals.count()) + 1));
      events_.after(when, [this, peer] {
        if (!is_source(peer) && network_[peer].online) peers_[peer]->download.start();
      });
    }
  }
}

void Crowd::give_everything(PeerId peer) {
  peers_[peer]->source = true;
  peers_[peer]->download.disk().hold_everything();
  listed_.push_back(peer);
}

void Crowd::go_offline(PeerId peer) {
  network_[peer].online = false;
  peers_[peer]->download.stop();
  peers_[peer]->uploader.die();
}

void Crowd::come_online(PeerId peer) {
  network_[peer].online = true;
  if (!is_source(peer)) peers_[peer]->download.start();
}

void Crowd::run(Duration longest) {
  // Looked at now and then: peers that come and go would go on for ever.
  const Time last = begun_ + longest;
  while (events_.now() < last) {
    const Time until = events_.now() + std::chrono::seconds(1);
    if (events_.run(until) == 0) break;
    const std::size_t ended = count(Download::State::kWhole) + count(Download::State::kGaveUp);
    const auto sources =
        std::count_if(peers_.begin(), peers_.end(), [](const auto& each) { return each->source; });
    if (ended + static_cast<std::size_t>(sources) == peers_.size()) break;
  }
}

std::vector<TransferSource> Crowd::sources_for(PeerId peer) {
  std::vector<PeerId> chosen;
  std::sample(listed_.begin(), listed_.end(), std::back_inserter(chosen), kSourcesTold, random_);
  std::vector<TransferSource> sources;
  for (const PeerId each : chosen) {
    if (each != peer) sources.push_back(source_of(each, layout_.file_size(), false));
  }
  return sources;
}

// Those heard from last come first, as the directory tells them.
std::optional<SwarmNews> Crowd::join_swarm(PeerId peer) {
  if (!swarms_) return std::nullopt;
  swarm_[peer] = events_.now();
  std::vector<PeerId> others;
  for (const auto& [each, heard] : swarm_) {
    if (each != peer && events_.now() - heard < kSwarmLease) others.push_back(each);
  }
  std::stable_sort(others.begin(), others.end(),
                   [&](PeerId a, PeerId b) { return swarm_.at(a) > swarm_.at(b); });
  if (others.size() > kSwarmTold) others.resize(kSwarmTold);
  SwarmNews news;
  for (const PeerId each : others) {
    if (each < peer) ++news.rank;
    news.peers.push_back(source_of(each, layout_.file_size(), true));
  }
  return news;
}

std::optional<std::vector<bool>> Crowd::held_by(PeerId peer) {
  const FakeDisk& disk = peers_[peer]->download.disk();
  if (disk.whole()) return std::vector<bool>();
  std::vector<bool> held(layout_.piece_count());
  for (const std::uint64_t piece : disk.pieces()) held[piece] = true;
  if (!swarm_.contains(peer)) return std::nullopt;
  return held;
}

void Crowd::finished(PeerId peer) {
  swarm_.erase(peer);
  listed_.push_back(peer);
}

std::size_t Crowd::count(Download::State state) const {
  return static_cast<std::size_t>(std::count_if(
      peers_.begin(), peers_.end(),
      [&](const auto& each) { return !each->source && each->download.state() == state; }));
}

DownloadCounts Crowd::counts() const {
  DownloadCounts sum;
  for (const auto& each : peers_) {
    const DownloadCounts& counts = each->download.counts();
    sum.failures += counts.failures;
    sum.copies += counts.copies;
    sum.cut_short += counts.cut_short;
    sum.liars += counts.liars;
  }
  return sum;
}

std::uint64_t Crowd::bytes_in_vain() const {
  std::uint64_t bytes = 0;
  for (const auto& each : peers_) {
    if (!each->source) bytes += each->download.bytes_in_vain();
  }
  return bytes;
}

Duration Crowd::whole_after() const {
  Time last = begun_;
  for (const auto& each : peers_) {
    if (each->download.state() == Download::State::kWhole)
      last = std::max(last, each->download.end());
  }
  return last - begun_;
}

}  // namespace trueque::simulation
