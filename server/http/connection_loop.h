// The one thread that owns all sockets. It learns from epoll which of them have news,
// gives those connections turns, address by address, has whole requests answered, and
// minds the deadlines. Nothing it does waits. run() on one thread; stop() from any.
#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "common/base/listener.h"
#include "common/base/logging.h"
#include "server/http/client_address.h"
#include "server/http/connection.h"
#include "server/http/deadline_queue.h"
#include "server/http/fair_queue.h"
#include "server/http/guest_list.h"
#include "server/http/http_handler.h"
#include "server/http/http_limits.h"
#include "server/http/mailbox.h"
#include "server/http/request_desk.h"

namespace trueque {

class ConnectionLoop {
 public:
  // What the services refer to must outlive it.
  ConnectionLoop(Listener& listener, const HttpLimits& limits, const HttpServices& services);

  // Returns after stop(), once every client has its answer or the time for that is over.
  void run();
  void stop();

 private:
  using Time = Connection::Time;
  using Turn = Connection::Turn;

  void round();
  void harvest();
  int patience() const;  // milliseconds, for epoll
  void give_turns();
  void deliver_answers();
  void expire();
  void begin_stop();
  bool done() const;

  void accept_some(int at_most);
  void watch_listener(bool watched);
  void take(Accepted client);

  Turn act(Connection& connection, Turn turn);
  Turn finish(Connection& connection, const HttpResponse& response);
  Turn refuse(Connection& connection, const RequestFault& fault);
  // Acts on what a turn ended with; the connection may be gone afterwards.
  void settle(Connection& connection, Turn turn);
  void count_bytes(Connection& connection);
  // Has one that holds much let go of it.
  Turn ask_for_room(Connection& connection);
  void end(Connection& connection);
  void destroy_if_unused(Connection& connection);
  void count_connections() { metrics_.connected(book_.members(), guests_.count()); }

  Listener& listener_;
  const HttpLimits limits_;
  const Log& log_;
  HttpMetrics& metrics_;
  ConnectionRules rules_;
  UniqueFd epoll_;
  Mailbox mailbox_;
  AddressBook book_;
  GuestList guests_;
  FairQueue queue_;
  DeadlineQueue deadlines_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<char> scratch_;
  std::size_t held_ = 0;  // bytes, of all connections
  bool clients_wait_ = false;
  Time accept_again_ = Time::max();
  std::atomic<bool> stop_asked_ = false;
  RequestDesk desk_;
};

}  // namespace trueque
