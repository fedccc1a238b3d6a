// Answers each connection's one request with the next of the given byte strings,
// whatever is asked, and closes; then keeps what was asked.
#pragma once

#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/raw_http.h"

namespace trueque::testing {

class StandInServer {
 public:
  explicit StandInServer(std::vector<std::string> answers)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), answers_(std::move(answers)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_.get(), generic, length) != 0 || ::listen(fd_.get(), 16) != 0 ||
        ::getsockname(fd_.get(), generic, &length) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~StandInServer() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void run() {
    for (const std::string& answer : answers_) {
      const UniqueFd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.valid()) return;
      std::string request = read_request(client.get());
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
      }
      if (!write_all(client.get(), answer, "the client")) return;
    }
  }

  static std::string read_request(int fd) {
    std::string request;
    std::array<char, 4096> buffer;
    while (!is_whole(request)) {
      const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      request.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return request;
  }

  static bool is_whole(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    if (length == std::string::npos || length > end) return true;
    return request.size() - end - 4 >= std::strtoul(request.c_str() + length + 16, nullptr, 10);
  }

  UniqueFd fd_;
  const std::vector<std::string> answers_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace trueque::testing
