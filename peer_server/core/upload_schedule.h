// Whose chunk is sent next. Streams belong to peers, and it is peers that share:
// the one served least goes first, with its streams in turn, so that a hundred
// streams get a peer no more than one does. A plain data structure: no thread, no
// clock, no byte of a file. Not synchronised.
//
// A stream waits, then sends one chunk in one of the slots, then waits again.
// Once its caller is slow to take the chunk it is parked: out of its slot until
// the chunk is taken.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace trueque {

class UploadSchedule {
 public:
  using Stream = std::uint64_t;  // the caller's, unique
  using MaySend = std::function<bool(const std::string& peer)>;

  struct Limits {
    std::size_t slots = 8;      // chunks on their way, parked ones aside
    std::size_t streams = 256;  // of all peers
    std::size_t streams_per_peer = 64;
  };
  struct Admission {
    bool admitted = false;
    // Had to go for it: the newest stream of the peer with the most. Waits or is parked.
    std::optional<Stream> displaced;
  };

  // What a parked stream is charged, for the time it held its slot. Bytes.
  static constexpr std::uint64_t kParkingCharge = 1024UL * 1024;
  // However long a peer could not take more, it does not get all of it afterwards;
  // nor do parked streams cost more than this. Bytes.
  static constexpr std::uint64_t kMostCredit = 4UL * 1024 * 1024;

  explicit UploadSchedule(Limits limits) : limits_(limits) {}

  Admission add(Stream stream, const std::string& peer);
  void remove(Stream stream);

  // The stream to send next, now in a slot: none while all slots are taken or no
  // peer that `may` has a stream waiting. While others want slots, a peer holds no
  // more than the most any of them could use; while it has streams parked, one.
  std::optional<Stream> next(const MaySend& may);
  // The stream sends so many bytes.
  void charge(Stream stream, std::uint64_t bytes);
  void park(Stream stream);
  // Its chunk was taken; it waits for its next turn.
  void taken(Stream stream);

  bool has_peer(const std::string& peer) const;
  std::size_t streams() const { return streams_.size(); }
  std::size_t sending() const { return sending_; }

 private:
  enum class State { kWaiting, kSending, kParked };
  struct Peer {
    std::uint64_t service = 0;  // bytes
    std::deque<Stream> waiting;
    std::size_t sending = 0;
    std::size_t parked = 0;
    std::size_t streams = 0;

    std::size_t wanted() const { return waiting.size() + sending; }
  };
  using Peers = std::map<std::string, Peer>;
  struct Place {
    Peers::iterator peer;
    State state = State::kWaiting;
  };

  std::optional<Stream> displace_for(const Peer& newcomer);
  Peers::iterator least_served(const MaySend& may);
  void leave(const Place& place);
  void forget_idle_peers();

  const Limits limits_;
  Peers peers_;
  std::unordered_map<Stream, Place> streams_;
  std::size_t sending_ = 0;
  std::uint64_t virtual_time_ = 0;  // the service of the peer that went last
};

}  // namespace trueque
