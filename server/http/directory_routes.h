// The directory's REST requests: check, call, translate. The rules are in
// server/core, the JSON in common/directory. Safe from any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/logging.h"
#include "common/directory/json_messages.h"
#include "server/core/directory.h"
#include "server/core/metrics_access.h"
#include "server/core/storage_metrics.h"
#include "server/http/http_handler.h"
#include "server/http/rate_limiter.h"

namespace trueque {

// What the routes work with; all of it must outlive them.
struct RouteServices {
  Directory& directory;
  RateLimiter& limiter;
  const Log& log;
  const StorageMetrics& storage;
  const HttpMetrics& http;
  MetricsAccess metrics_access = MetricsAccess::kLocal;
  // The state lies with another program: the event loop must not wait for it.
  bool storage_waits = false;
};

// One route as its document has to have it.
struct RouteFacts {
  std::string_view method;
  std::string_view path;
  bool needs_session = true;
  std::string_view content_type;
};

class DirectoryRoutes final : public HttpHandler {
 public:
  explicit DirectoryRoutes(const RouteServices& services)
      : directory_(services.directory),
        limiter_(services.limiter),
        log_(services.log),
        storage_(services.storage),
        http_(services.http),
        metrics_access_(services.metrics_access),
        storage_waits_(services.storage_waits) {}

  static std::vector<RouteFacts> facts();

  RequestClass classify(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request) override;

 private:
  using Answer = Result<std::string>;  // the JSON of a success
  struct Route;
  // A request that is checked as far as all are.
  struct Call {
    const HttpRequest& request;
    Caller caller;
    std::optional<IndexMessage> index;  // where it could be read without a document
    Json body;                          // empty then
  };

  static std::span<const Route> routes();
  static const Route* route_of(const HttpRequest& request);
  static HttpResponse wrong_method(const Route& route);
  HttpResponse answer(const Route* route, const HttpRequest& request);
  static Status read_body(const Route& route, Call& call);
  HttpResponse dispatch(const Route& route, const HttpRequest& request);
  Status within_rate(const HttpRequest& request);

  Answer log_in(const Call& call);
  Answer log_out(const Call& call);
  Answer index_files(const Call& call);
  Answer index(const Caller& caller, const IndexMessage& message);
  Answer get_files(const Call& call);
  Answer find_files(const Call& call);
  Answer join_swarm(const Call& call);
  Answer leave_swarm(const Call& call);
  Answer heartbeat(const Call& call);
  Answer search(const Call& call);
  Answer peers(const Call& call);
  Answer stats(const Call& call);
  Answer health(const Call& call);
  Answer ready(const Call& call);
  Answer metrics(const Call& call);
  Answer openapi(const Call& call);

  Directory& directory_;
  RateLimiter& limiter_;
  const Log& log_;
  const StorageMetrics& storage_;
  const HttpMetrics& http_;
  const MetricsAccess metrics_access_;
  const bool storage_waits_;
};

}  // namespace trueque
