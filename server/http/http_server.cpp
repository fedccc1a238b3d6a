#include "server/http/http_server.h"

#include <utility>

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

}  // namespace trueque
