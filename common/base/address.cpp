#include "common/base/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace trueque {
namespace {

bool is_host_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool parse_ipv6(std::string_view host, in6_addr& address) {
  const std::string text(host);
  return text.find('\0') == std::string::npos && ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// A name made of digits and dots alone would be taken for a (bad) IPv4 address.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != std::string_view::npos) return false;
  if (!std::all_of(host.begin(), host.end(), is_host_name_character)) return false;
  return host.find_first_not_of("0123456789.") != std::string_view::npos;
}

// The address a connected UDP socket gets tells the route; nothing is sent.
std::string source_address_for(const sockaddr* target, socklen_t length) {
  const int fd = ::socket(target->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  std::string text;
  sockaddr_storage own{};
  socklen_t own_length = sizeof own;
  if (::connect(fd, target, length) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_length) == 0) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const void* address =
        own.ss_family == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&own)->sin6_addr)
            : &reinterpret_cast<sockaddr_in*>(&own)->sin_addr;
    if (::inet_ntop(own.ss_family, address, buffer.data(), buffer.size()) != nullptr)
      text = buffer.data();
  }
  ::close(fd);
  return text;
}

}  // namespace

bool is_ipv6(std::string_view host) {
  in6_addr address{};
  return parse_ipv6(host, address);
}

Result<std::string> canonical_host(std::string_view host) {
  std::string text(host);
  std::transform(text.begin(), text.end(), text.begin(), ascii_lower);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1 && text.find('\0') == std::string::npos)
    return text;
  in6_addr v6{};
  if (parse_ipv6(text, v6)) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    ::inet_ntop(AF_INET6, &v6, buffer.data(), buffer.size());
    return std::string(buffer.data());
  }
  if (is_host_name(text)) return text;
  return make_error(Code::kInvalidArgument, "not an IPv4 address, an IPv6 address or a host name");
}

bool is_this_machine(std::string_view host) {
  const std::string text = canonical_host(host).value_or("");
  if (text == "localhost" || text.ends_with(".localhost")) return true;
  std::string_view v4 = text;
  if (in6_addr v6{}; parse_ipv6(text, v6)) {
    if (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6)) return true;
    if (!IN6_IS_ADDR_V4MAPPED(&v6)) return false;
    v4.remove_prefix(text.rfind(':') + 1);
  }
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(v4).c_str(), &address) != 1) return false;
  const std::uint32_t number = ntohl(address.s_addr);
  return number >> 24U == 127 || number == INADDR_ANY;
}

std::string host_in_url(std::string_view host) {
  if (!is_ipv6(host)) return std::string(host);
  return "[" + std::string(host) + "]";
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  return host_in_url(host) + ":" + std::to_string(port);
}

std::string local_address() {
  // Documentation addresses (RFC 5737, RFC 3849): routable by the default route,
  // never contacted.
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(9);
  ::inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
  std::string text = source_address_for(reinterpret_cast<sockaddr*>(&v4), sizeof v4);
  if (!text.empty()) return text;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(9);
  ::inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
  text = source_address_for(reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  return text.empty() ? "127.0.0.1" : text;
}

std::string local_address_towards(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return local_address();
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::string text = source_address_for(each->ai_addr, each->ai_addrlen);
    if (!text.empty()) return text;
  }
  return local_address();
}

}  // namespace trueque
