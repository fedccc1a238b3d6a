#include "server/http/http_server.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "server/http/error_response.h"

namespace trueque {
namespace {

// Refused clients told so politely at any one time; the rest are just closed.
constexpr std::size_t kMaxRefusals = 64;
constexpr std::chrono::milliseconds kGrace{3'500};
constexpr int kPauseMilliseconds = 100;
constexpr int kLastClients = 4'096;  // as many as the listener holds waiting

HttpResponse too_many() {
  return fault_response(503, "Too many connections; close some or try again in a moment.");
}

}  // namespace

HttpServer::HttpServer(Listener listener, const HttpLimits& limits, HttpHandler& handler,
                       const Log& log)
    : listener_(std::move(listener)),
      limits_(limits),
      handler_(handler),
      log_(log),
      admitted_(limits.max_connections, limits.connections_per_address),
      refused_(kMaxRefusals, 0) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start() {
  acceptor_ = std::thread([this] { accept_until_stopped(); });
}

bool HttpServer::wait_for_client() const {
  std::array<pollfd, 2> entries = {pollfd{listener_.fd.get(), POLLIN, 0},
                                   pollfd{stop_.fd(), POLLIN, 0}};
  ::poll(entries.data(), entries.size(), -1);
  return !stop_.raised();
}

void HttpServer::accept_until_stopped() {
  while (wait_for_client()) take_client();
}

bool HttpServer::take_client() {
  Accepted client = accept_from(listener_);
  if (client.fd.valid()) {
    if (admitted_.admit(client.address)) {
      admit(std::move(client));
    } else {
      refuse(std::move(client));
    }
    return true;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    log_.warning("accept_failed", {{"reason", "out of file descriptors or memory"}});
    pause_accepting();
  }
  return false;
}

// Until a connection closes there is nothing to gain from trying again at once.
void HttpServer::pause_accepting() const {
  pollfd entry{stop_.fd(), POLLIN, 0};
  ::poll(&entry, 1, kPauseMilliseconds);
}

void HttpServer::admit(Accepted client) {
  const std::string address = client.address;
  auto connection = std::make_shared<Connection>(std::move(client.fd), address, limits_.times,
                                                 handler_, log_, stop_);
  {
    const std::lock_guard lock(mutex_);
    connections_.insert(connection);
  }
  const bool running = workers_.run([this, connection, address]() mutable {
    connection->serve();
    const std::lock_guard lock(mutex_);
    connections_.erase(connection);
    connection.reset();  // closes the socket before the place is given away
    admitted_.release(address);
    left_.notify_all();
  });
  if (running) return;
  log_.warning("thread_limit", {{"remote", address}});
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  admitted_.release(address);
}

void HttpServer::refuse(Accepted client) {
  log_.warning("connection_refused", {{"remote", client.address}, {"reason", "too many"}});
  const std::string address = client.address;
  if (!refused_.admit(address)) return;
  auto connection = std::make_shared<Connection>(std::move(client.fd), address, limits_.times,
                                                 handler_, log_, stop_);
  const bool running = workers_.run([this, connection, address]() mutable {
    connection->refuse(too_many());
    connection.reset();
    refused_.release(address);
  });
  if (!running) refused_.release(address);
}

void HttpServer::stop() {
  if (stop_.raised()) return;
  stop_.raise();
  if (acceptor_.joinable()) acceptor_.join();
  for (int i = 0; i < kLastClients && take_client(); ++i) {
  }
  listener_.fd.reset();
  {
    std::unique_lock lock(mutex_);
    left_.wait_for(lock, kGrace, [this] { return connections_.empty(); });
    for (const auto& connection : connections_) connection->cut();
  }
  workers_.join();
}

}  // namespace trueque
