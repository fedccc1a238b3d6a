// HTTP/1.1 over TCP. start() returns at once. stop() takes whoever has connected by
// then, lets requests that run or have begun to arrive finish, and returns within
// five seconds, also with clients that idle or stall. start() and stop() from one
// thread.
#pragma once

#include <thread>

#include "server/http/connection_loop.h"

namespace trueque {

class HttpServer {
 public:
  // What the services refer to must outlive it.
  HttpServer(Listener listener, const HttpLimits& limits, const HttpServices& services);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start();
  void stop();
  std::uint16_t port() const { return listener_.port; }

 private:
  Listener listener_;
  ConnectionLoop loop_;
  std::thread thread_;
  bool stopped_ = false;
};

}  // namespace trueque
