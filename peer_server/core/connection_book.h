// Which connections there may be. A caller sends little: requests of a hundred bytes or
// so, and now and then that it is ready for more. One that sends far more than that wants
// the calls it begins (and takes back) to cost the peer-server memory and time.
//
// Callers are told apart by address. Where there are too many connections, the one with
// the most of them has to make room. Plain rules; not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/token_bucket.h"

namespace trueque {

class ConnectionBook {
 public:
  using Id = std::uint64_t;  // the caller's, unique

  struct Admission {
    bool admitted = false;
    std::optional<Id> displaced;  // had to go for it
  };

  // What an address may send, half of what it is answered aside, in bytes and bytes a
  // second; what a new connection counts for; and how long one that sent more is kept out.
  static constexpr std::uint64_t kBurst = 128UL * 1024;
  static constexpr std::uint64_t kRate = 1024UL * 1024;
  static constexpr std::uint64_t kConnection = 256;
  static constexpr std::chrono::seconds kBan{10};

  // `most` connections. `clock` must outlive this.
  ConnectionBook(std::size_t most, const Clock& clock) : most_(most), clock_(clock) {}

  Admission add(Id id, const std::string& address);
  void remove(Id id);

  // All bytes that came over the connection until now, and all that went. False when its
  // address sent more than it may: it is kept out from now on, and its connections are to go.
  bool traffic(Id id, std::uint64_t received, std::uint64_t sent);
  // The connections of the one `id` belongs to, itself included.
  std::vector<Id> of_same_address(Id id) const;

  std::size_t size() const { return connections_.size(); }
  // Addresses that are remembered.
  std::size_t callers() const { return callers_.size(); }

 private:
  struct Caller {
    explicit Caller(const Clock& clock) : sent(clock, kRate, kBurst) {}
    std::set<std::pair<std::uint64_t, Id>> connections;  // longest quiet first
    TokenBucket sent;
    std::optional<Clock::Steady> banned_until;
  };
  using Callers = std::map<std::string, Caller>;
  struct Connection {
    Callers::iterator caller;
    std::uint64_t heard = 0;  // in the order of hearing
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
  };

  bool charge(Caller& caller, std::uint64_t bytes);
  std::optional<Id> displace_for(const Caller& newcomer);
  void forget_idle();

  const std::size_t most_;
  const Clock& clock_;
  Callers callers_;
  std::map<Id, Connection> connections_;
  std::uint64_t heard_ = 0;
  std::size_t idle_ = 0;  // callers that went, at most
};

}  // namespace trueque
