#include "server/http/http_server.h"

#include <sys/resource.h>

#include <algorithm>

namespace trueque {

HttpServer::HttpServer(Listener listener, const HttpLimits& limits, const HttpServices& services)
    : listener_(std::move(listener)), loop_(listener_, limits, services) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

// Who waits to be let in when the server was never started is answered as well.
void HttpServer::stop() {
  if (std::exchange(stopped_, true)) return;
  loop_.stop();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    loop_.run();
  }
}

std::size_t raise_open_file_limit(std::size_t files) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return files;
  if (limit.rlim_cur >= files) return limit.rlim_cur;
  limit.rlim_cur = std::min<rlim_t>(files, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace trueque
