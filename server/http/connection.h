// One connection of a client: reads its requests one after the other, sends their
// answers in that order, and knows by when something has to happen. It never waits:
// whoever owns it gives it turns when its socket has news, and has its requests
// answered. Once the server stops, a request that has begun to arrive is still
// answered, as the last one. One thread at a time; request() may be read from
// another between Turn::kRequest and answer().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/base/files.h"
#include "server/http/client_address.h"
#include "server/http/http_message.h"
#include "server/http/request_parser.h"

namespace trueque {

struct ConnectionTimes {
  std::chrono::milliseconds idle{60'000};     // with no byte of a next request
  std::chrono::milliseconds request{10'000};  // from a request's first byte to its last
  std::chrono::milliseconds write{30'000};    // to take a whole response
  std::chrono::milliseconds guest{1'000};     // for a client without a place to say what it wants
  // Counted from the server's stop, where that is sooner than idle and request.
  std::chrono::milliseconds last_idle{250};
  std::chrono::milliseconds last_request{2'500};
};

// What all connections of a server go by.
struct ConnectionRules {
  ConnectionTimes times;
  std::optional<std::chrono::steady_clock::time_point> stopped;  // since when
};

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Turn {
    kWaits,    // for its socket, its answer or its deadline
    kAgain,    // has more to do, but others may go first
    kRequest,  // one is complete
    kFault,    // one cannot be read: see fault()
    kEnds,     // there is nothing left to do
  };

  struct Client {
    UniqueFd fd;
    std::string ip;
    bool guest = false;  // there is no place for it: it gets one answer
  };

  // The references must outlive it.
  Connection(Client client, ClientAddress& address, const ConnectionRules& rules, Time now);

  // What a guest is told.
  static RequestFault no_place();

  // What epoll tells of the socket, edge-triggered.
  void note_events(std::uint32_t events);
  // Does what can be done without waiting; reads at most `scratch` at once.
  Turn turn(Time now, std::span<char> scratch);

  const HttpRequest& request() const { return request_; }
  void name_request(std::string id) { request_.id = std::move(id); }
  const RequestFault& fault() const { return fault_; }
  Time completed() const { return complete_; }  // when the request was complete

  // After kRequest. Not kept: the answer is the last one.
  Turn answer(const HttpResponse& response, Time now);
  // After kFault, and in place of an answer; ends the connection once it is sent.
  Turn refuse(const HttpResponse& response, Time now);

  Time deadline() const;
  // Once the deadline has passed.
  Turn expire();

  int fd() const { return fd_.get(); }
  ClientAddress& address() const { return address_; }
  const std::string& ip() const { return ip_; }
  bool guest() const { return guest_; }
  bool sending() const { return unsent() > 0; }
  bool handling() const { return phase_ == Phase::kHandling; }
  // Of requests that are not answered and of answers that are not taken.
  std::size_t held_bytes() const { return parser_.held_bytes() + request_.body.size() + unsent(); }
  void close() { fd_.reset(); }

  // For the server's own lists.
  struct Hooks {
    bool queued = false;     // has a turn coming
    bool in_flight = false;  // its request is with a worker
    bool ended = false;      // goes as soon as neither is so
    Time scheduled = Time::max();
    std::size_t counted_bytes = 0;
  } hooks;

 private:
  enum class Phase { kReading, kHandling, kLingering };

  Turn read(Time now, std::span<char> scratch);
  Turn look_at_parser(Time now);
  Turn linger(std::span<char> scratch);
  Turn send_and_go_on(Time now);
  // Sends what it can; false when the connection is broken.
  bool flush(Time now);
  void all_sent(Time now);
  std::size_t unsent() const { return out_.size() - sent_; }

  UniqueFd fd_;
  const std::string ip_;
  ClientAddress& address_;
  const ConnectionRules& rules_;
  const bool guest_;
  Phase phase_ = Phase::kReading;
  bool readable_ = true;
  bool writable_ = true;
  bool hung_up_ = false;  // the client sends no more
  bool broken_ = false;
  bool begun_ = false;    // a request has begun to arrive
  bool closing_ = false;  // lingers once all is sent
  const Time opened_;
  Time since_;            // of being idle, or of a request's first byte
  Time sending_since_{};  // while something is unsent
  Time complete_{};
  Time linger_until_{};
  std::chrono::milliseconds linger_for_{};
  std::size_t drained_ = 0;
  RequestParser parser_;
  HttpRequest request_;
  RequestFault fault_;
  std::string out_;
  std::size_t sent_ = 0;
};

}  // namespace trueque
