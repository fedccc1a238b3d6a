// Who reaches whom, how fast. Peers are numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/event_queue.h"

namespace trueque::simulation {

using PeerId = std::size_t;

struct Line {
  double up = 8e6;  // bytes a second
  double down = 32e6;
  milliseconds latency{10};  // to the middle of the network
  int side = 0;              // of a partition
  bool online = true;
};

class Network {
 public:
  explicit Network(std::size_t peers) : lines_(peers) {}

  Line& operator[](PeerId peer) { return lines_[peer]; }
  const Line& operator[](PeerId peer) const { return lines_[peer]; }
  void split(bool now) { split_ = now; }

  // Whether packets go through.
  bool connected(PeerId a, PeerId b) const { return !split_ || lines_[a].side == lines_[b].side; }
  milliseconds latency(PeerId a, PeerId b) const { return lines_[a].latency + lines_[b].latency; }

 private:
  std::vector<Line> lines_;
  bool split_ = false;
};

}  // namespace trueque::simulation
