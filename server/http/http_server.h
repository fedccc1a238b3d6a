// HTTP/1.1 over TCP, a thread for each connection. start() returns at once. stop()
// takes whoever has connected by then, lets requests that run or have begun to
// arrive finish, and returns within five seconds, also with clients that idle or
// stall. start() and stop() from one thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "common/base/listener.h"
#include "server/http/connection.h"
#include "server/http/connection_limits.h"
#include "server/http/stop_signal.h"
#include "server/http/worker_threads.h"

namespace trueque {

struct HttpLimits {
  std::size_t max_connections = 20'000;     // 0: none
  std::size_t connections_per_address = 0;  // 0: none
  ConnectionTimes times;
};

class HttpServer {
 public:
  // The references must outlive it.
  HttpServer(Listener listener, const HttpLimits& limits, HttpHandler& handler, const Log& log);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start();
  void stop();
  std::uint16_t port() const { return listener_.port; }

 private:
  void accept_until_stopped();
  // Waits for a connection or the stop; false to stop.
  bool wait_for_client() const;
  // False when nobody was waiting, or could not be had.
  bool take_client();
  void admit(Accepted client);
  void refuse(Accepted client);
  void pause_accepting() const;

  Listener listener_;
  const HttpLimits limits_;
  HttpHandler& handler_;
  const Log& log_;
  StopSignal stop_;
  ConnectionLimits admitted_;
  ConnectionLimits refused_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::set<std::shared_ptr<Connection>> connections_;  // guarded by mutex_
  WorkerThreads workers_;
  std::thread acceptor_;
};

}  // namespace trueque
