// Takes connections for the gRPC server and hands them over. gRPC's own listener has no
// limit: it stops for good when there are no more files to open, and lets one caller
// begin calls, and take them back, faster than they can be looked at.
//
// Keeps a second descriptor of each connection, to see how much comes over it, to cut it
// off, and to see it end. One thread, which sleeps while nobody sends anything.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/listener.h"
#include "peer_server/core/connection_book.h"

namespace trueque {

class Doorman {
 public:
  // Called on the doorman's thread with a connection that is admitted.
  using HandOver = std::function<void(UniqueFd)>;

  // `most` connections, fewer where the system allows fewer open files. `clock` must
  // outlive this.
  Doorman(std::size_t most, const Clock& clock, HandOver hand_over);
  ~Doorman();  // stops
  Doorman(const Doorman&) = delete;
  Doorman& operator=(const Doorman&) = delete;

  // Listens on `host`:`port` (0 lets the system choose), gives the port. 0.0.0.0 is every
  // address, those of IPv6 as well where there is IPv6. Once. Errors as of listen_on().
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);
  void start();
  // Ends the connection from there, with whatever is on its way over it. Any thread.
  void hang_up(const std::string& address, std::uint16_t port);
  // Admits nobody any more; who is there stays.
  void stop();

 private:
  using Id = ConnectionBook::Id;
  using Caller = std::pair<std::string, std::uint16_t>;
  struct Connection {
    UniqueFd fd;
    Caller caller;
    std::uint64_t received = 0;  // bytes, when last looked at
  };

  void work();
  void wake();
  void hang_up_some();
  void admit_some();
  void admit(Accepted client);
  bool watch(int operation, int fd, std::uint32_t events, Id id) const;
  int milliseconds_to_wait() const;
  void look_around();
  // Whether it is still worth looking at soon.
  bool look_at(Id id);
  void cut(Id id);
  void forget(Id id);

  const Clock& clock_;
  const HandOver hand_over_;
  Listener listener_;
  UniqueFd poll_;
  UniqueFd wake_;
  ConnectionBook book_;
  std::unordered_map<Id, Connection> connections_;
  std::map<Caller, Id> by_caller_;
  std::unordered_set<Id> busy_;  // something came lately
  Id last_id_;
  Clock::Steady next_look_;
  bool resting_ = false;  // for want of open files nobody is admitted
  std::mutex mutex_;      // guards hang_ups_
  std::vector<Caller> hang_ups_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace trueque
