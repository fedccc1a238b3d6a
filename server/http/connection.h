// One connection of a client: reads requests, has them answered one after the
// other, keeps to the time limits. Once the server stops, a request that has begun
// to arrive is still answered, as the last one. Runs on one thread; cut() may come
// from any other while the Connection lives.
#pragma once

#include <chrono>
#include <string>

#include "common/base/files.h"
#include "common/base/logging.h"
#include "server/http/http_message.h"
#include "server/http/request_parser.h"
#include "server/http/stop_signal.h"

namespace trueque {

// What a server does with requests. Called from many threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual HttpResponse handle(const HttpRequest& request) = 0;
};

struct ConnectionTimes {
  std::chrono::milliseconds idle{60'000};     // with no byte of a next request
  std::chrono::milliseconds request{10'000};  // from a request's first byte to its last
  std::chrono::milliseconds write{30'000};    // to take a whole response
  // Counted from the server's stop, where that is sooner than idle and request.
  std::chrono::milliseconds last_idle{250};
  std::chrono::milliseconds last_request{2'500};
};

class Connection {
 public:
  // References must outlive it.
  Connection(UniqueFd fd, std::string address, const ConnectionTimes& times, HttpHandler& handler,
             const Log& log, const StopSignal& stop);

  // Until the client leaves, a limit is met or the server stops. Never throws.
  void serve();
  // Answers with `response`, whatever is asked, and ends.
  void refuse(const HttpResponse& response);

  // Ends at once.
  void cut();

 private:
  using Time = std::chrono::steady_clock::time_point;
  // How long to wait for bytes; the second counts once the server has stopped.
  struct Patience {
    Time deadline;
    std::chrono::milliseconds after_stop;
  };

  // Reads until a request is complete or has failed. False: nothing to answer.
  bool receive();
  bool read_more(const Patience& patience);
  bool wait_for_bytes(const Patience& patience) const;
  Time deadline_of(const Patience& patience) const;
  void answer_late();
  bool send_all(std::string_view bytes);
  // Answers the request the parser holds; false when the connection should end.
  bool answer();
  void answer_fault(int status, const std::string& message);
  HttpResponse respond(const HttpRequest& request);
  // Lets the client read the last answer before the socket goes: closing with
  // bytes unread would reset the connection under it.
  void linger(std::chrono::milliseconds at_most);
  void note(const HttpRequest& request, const HttpResponse& response, Time started) const;

  UniqueFd fd_;
  const std::string address_;
  const ConnectionTimes& times_;
  HttpHandler& handler_;
  const Log& log_;
  const StopSignal& stop_;
  RequestParser parser_;
};

}  // namespace trueque
