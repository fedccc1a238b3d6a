#include "common/base/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "common/base/address.h"

namespace trueque {
namespace {

constexpr int kBacklog = 4096;

Error cannot_listen(const std::string& host, std::uint16_t port, int error_number) {
  const std::string where = host_and_port(host, port);
  if (error_number == EADDRINUSE) {
    return make_error(Code::kAlreadyExists, "cannot listen on " + where +
                                                ": the port is already in use; stop the other "
                                                "program or choose another port with --port");
  }
  return make_error(Code::kUnavailable, "cannot listen on " + where + ": " +
                                            std::generic_category().message(error_number) +
                                            "; check --host and --port");
}

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return port_of(address);
}

// A socket listening on `address`, or errno.
UniqueFd open_listener(const addrinfo& address) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fd;
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(fd.get(), kBacklog) == 0)
    return fd;
  const int reason = errno;
  fd.reset();
  errno = reason;
  return fd;
}

std::string address_of(const sockaddr_storage& address, socklen_t length) {
  std::array<char, NI_MAXHOST> buffer{};
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, buffer.data(),
                    buffer.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return "unknown";
  std::string text(buffer.data());
  text.erase(std::min(text.find('%'), text.size()));  // the scope of a link-local address
  const bool mapped = text.starts_with("::ffff:") && text.find('.') != std::string::npos;
  return mapped ? text.substr(7) : text;
}

}  // namespace

Result<Listener> listen_on(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return make_error(Code::kUnavailable, "cannot listen on " + host_and_port(host, port) + ": " +
                                              ::gai_strerror(failure) + "; check --host");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  int reason = EADDRNOTAVAIL;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    UniqueFd fd = open_listener(*each);
    if (!fd.valid()) {
      reason = errno;
      continue;
    }
    const std::uint16_t actual = port_of(fd.get());
    return Listener{std::move(fd), actual};
  }
  return cannot_listen(host, port, reason);
}

Accepted accept_from(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  UniqueFd fd(::accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&address), &length,
                        SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd.valid()) return {};
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return {std::move(fd), address_of(address, length), port_of(address)};
}

std::size_t raise_open_file_limit(std::size_t files) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur >= files) return limit.rlim_cur;
  const rlim_t before = std::exchange(limit.rlim_cur, std::min<rlim_t>(files, limit.rlim_max));
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace trueque
