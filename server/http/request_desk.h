// Has requests answered: the quick ones at once, the others by the workers of their
// lane, whose answers come back by the mailbox. One thread calls; the work of a lane
// is done on others.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "common/base/logging.h"
#include "server/http/connection.h"
#include "server/http/http_handler.h"
#include "server/http/mailbox.h"
#include "server/http/request_ids.h"
#include "server/http/worker_threads.h"

namespace trueque {

class RequestDesk {
 public:
  // The references must outlive it.
  RequestDesk(const HttpServices& services, Mailbox& mailbox);

  // The answer to the connection's request; nothing when it comes by mail. The
  // connection must stay until then (hooks.in_flight).
  std::optional<HttpResponse> answer(Connection& connection);
  // The answer to a request that cannot be read, or is not.
  HttpResponse refusal(const RequestFault& fault);
  // Counts a request and writes its line into the log.
  void note(const Connection& connection, const HttpResponse& response) const;
  // The same for one that could not be read.
  void note_unread(const Connection& connection, const HttpResponse& response) const;
  // Waits for all that is being worked on.
  void join();

 private:
  HttpResponse respond(const HttpRequest& request);
  HttpResponse busy(Refusal why, const HttpRequest& request);
  WorkerThreads& workers(Lane lane) { return lanes_[static_cast<std::size_t>(lane) - 1]; }
  void write_line(const HttpRequest& request, const std::string& remote,
                  const HttpResponse& response, std::chrono::duration<double> took) const;

  HttpHandler& handler_;
  const Log& log_;
  HttpMetrics& metrics_;
  Mailbox& mailbox_;
  RequestIds ids_;
  std::array<WorkerThreads, kLanes - 1> lanes_;  // all but kLoop
};

}  // namespace trueque
