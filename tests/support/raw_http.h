// An HTTP client of bytes: sends exactly what a test says, for everything a proper
// client would never send. Gives up after a minute instead of hanging.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/files.h"

namespace trueque::testing {

struct RawResponse {
  int status = 0;  // 0: no response came
  std::string head;
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  // The value of a header, by its exact name.
  std::optional<std::string> header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return std::nullopt;
    const std::size_t start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port, int patience_ms = 60'000)
      : patience_ms_(patience_ms), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // No more will be sent.
  void finish() { ::shutdown(fd_.get(), SHUT_WR); }

  // The next response; bytes beyond it stay for the one after.
  RawResponse receive(bool head_only = false) {
    RawResponse response;
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return response;
    }
    response.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    response.status = std::atoi(response.head.c_str() + 9);
    const std::string length = response.header("Content-Length").value_or("0");
    const std::size_t size = head_only ? 0 : std::strtoul(length.c_str(), nullptr, 10);
    while (buffer_.size() < size && read_more()) {
    }
    response.body = buffer_.substr(0, size);
    buffer_.erase(0, std::min(size, buffer_.size()));
    return response;
  }

  // Whether the other side ends the connection, within the patience.
  bool ended() {
    while (read_more()) {
    }
    return at_end_;
  }

 private:
  bool read_more() {
    pollfd entry{fd_.get(), POLLIN, 0};
    if (::poll(&entry, 1, patience_ms_) <= 0) return false;
    std::array<char, 16384> buffer;
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      at_end_ = true;
      return false;
    }
    buffer_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }

  int patience_ms_;
  UniqueFd fd_;
  bool connected_ = false;
  bool at_end_ = false;
  std::string buffer_;
};

inline std::string raw_post(const std::string& path, const std::string& body,
                            const std::string& token = "", const std::string& more = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\n" +
         (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string raw_get(const std::string& target, const std::string& token = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: test\r\n" +
         (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
}

// One request on a connection of its own.
inline RawResponse exchange(std::uint16_t port, const std::string& request) {
  RawConnection connection(port);
  connection.send(request);
  return connection.receive();
}

}  // namespace trueque::testing
