// The directory's REST requests: check, call, translate. The rules are in
// server/core, the JSON in common/directory. Safe from any thread.
#pragma once

#include <span>

#include "common/base/logging.h"
#include "common/directory/json_document.h"
#include "server/core/directory.h"
#include "server/http/http_handler.h"
#include "server/http/rate_limiter.h"

namespace trueque {

class DirectoryRoutes final : public HttpHandler {
 public:
  // The references must outlive it.
  DirectoryRoutes(Directory& directory, RateLimiter& limiter, const Log& log)
      : directory_(directory), limiter_(limiter), log_(log) {}

  RequestClass classify(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request) override;

 private:
  using Answer = Result<std::string>;  // the JSON of a success
  struct Route;
  // A request that is checked as far as all are.
  struct Call {
    const HttpRequest& request;
    Caller caller;
    Json body;
  };

  static std::span<const Route> routes();
  static const Route* route_of(const HttpRequest& request);
  static HttpResponse wrong_method(const Route& route);
  HttpResponse dispatch(const Route& route, const HttpRequest& request);
  Status within_rate(const HttpRequest& request);

  Answer log_in(const Call& call);
  Answer log_out(const Call& call);
  Answer index_files(const Call& call);
  Answer get_files(const Call& call);
  Answer find_files(const Call& call);
  Answer join_swarm(const Call& call);
  Answer leave_swarm(const Call& call);
  Answer heartbeat(const Call& call);
  Answer search(const Call& call);
  Answer peers(const Call& call);
  Answer stats(const Call& call);
  Answer health(const Call& call);

  Directory& directory_;
  RateLimiter& limiter_;
  const Log& log_;
};

}  // namespace trueque
