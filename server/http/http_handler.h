// What a server does with requests, and where it has them done.
#pragma once

#include <cstddef>

#include "common/base/logging.h"
#include "server/http/http_message.h"
#include "server/http/http_metrics.h"

namespace trueque {

// Who answers a request. The lanes share nothing but the machine, so that a crowd in
// one keeps nobody waiting in another.
enum class Lane {
  kLoop,   // the thread that owns all sockets: answers in microseconds, waits for nothing
  kRead,   // works for a while: looks at much
  kWrite,  // may wait for the disk
  kLogin,  // waits for a password to be hashed
};
inline constexpr std::size_t kLanes = 4;

struct RequestClass {
  Lane lane = Lane::kRead;
  bool vital = false;  // answered also where there is no place for its client
};

// Called from many threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // Looks at the request, asks nobody and never throws.
  virtual RequestClass classify(const HttpRequest& request) const = 0;
  virtual HttpResponse handle(const HttpRequest& request) = 0;
};

// What a server works with; all of it must outlive the server.
struct HttpServices {
  HttpHandler& handler;
  const Log& log;
  HttpMetrics& metrics;
  // Threads for requests that read: as many as the machine has cores, or more where they
  // wait for another program. 0: as many as cores.
  std::size_t readers = 0;
};

}  // namespace trueque
