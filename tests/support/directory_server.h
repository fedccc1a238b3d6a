// A whole directory in this process, on a port of its own, its state in memory and
// its clock moved by hand.
#pragma once

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "server/core/directory.h"
#include "server/http/directory_routes.h"
#include "server/http/http_server.h"
#include "server/storage/memory_account_repository.h"
#include "server/storage/memory_directory_repository.h"
#include "tests/support/manual_clock.h"
#include "tests/support/raw_http.h"

namespace trueque::testing {

class DirectoryServer {
 public:
  explicit DirectoryServer(const DirectoryRules& rules = {}, const HttpLimits& limits = {},
                           std::uint32_t requests_per_second = 0,
                           MetricsAccess access = MetricsAccess::kLocal)
      : hasher_({1, 8192}, 2),
        directory_(rules, repository_, accounts_, hasher_, clock_),
        limiter_(requests_per_second, clock_),
        storage_(clock_, unwatched_),
        routes_({directory_, limiter_, log_, storage_, metrics_, access}),
        server_(listen(), limits, {routes_, log_, metrics_}) {
    server_.start();
  }

  std::uint16_t port() const { return server_.port(); }
  ManualClock& clock() { return clock_; }
  Directory& directory() { return directory_; }
  StorageMetrics& storage() { return storage_; }
  DirectoryRoutes& routes() { return routes_; }
  void stop() { server_.stop(); }

  // The token of a login that must succeed.
  std::string log_in(const std::string& username, const std::string& ip = "10.0.0.1") {
    const nlohmann::json body = {{"username", username}, {"password", "pw"}, {"peer_ip", ip}};
    return exchange(port(), raw_post("/login", body.dump())).json().value("token", "");
  }

 private:
  static Listener listen() {
    Result<Listener> listener = listen_on("127.0.0.1", 0);
    if (!listener) std::abort();
    return std::move(*listener);
  }

  ManualClock clock_;
  Log log_{LogLevel::kOff, LogFormat::kText};
  MemoryDirectoryRepository repository_;
  MemoryAccountRepository accounts_;
  PasswordHasher hasher_;
  Directory directory_;
  RateLimiter limiter_;
  StorageWatcher unwatched_;
  StorageMetrics storage_;
  HttpMetrics metrics_;
  DirectoryRoutes routes_;
  HttpServer server_;
};

inline DirectoryRules open_rules() {
  DirectoryRules rules;
  rules.auth = AuthMode::kOpen;
  return rules;
}

}  // namespace trueque::testing
