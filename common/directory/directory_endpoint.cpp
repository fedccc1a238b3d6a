#include "common/directory/directory_endpoint.h"

#include <algorithm>
#include <charconv>

#include "common/base/address.h"

namespace trueque {
namespace {

constexpr std::string_view kScheme = "http://";

Error bad_url(const std::string& why) {
  return make_error(Code::kInvalidArgument,
                    why + "; write it like http://10.0.0.1:5000 or http://[::1]:5000");
}

// ":5000", or nothing for `otherwise`.
Result<std::uint16_t> parse_port(std::string_view text, std::uint16_t otherwise) {
  if (text.empty()) return otherwise;
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + 1, end, port);
  if (text.front() != ':' || failure != std::errc() || stop != end || port < 1 || port > 65535)
    return bad_url("the directory's port must be a number between 1 and 65535");
  return static_cast<std::uint16_t>(port);
}

// Where the host ends, brackets included.
std::size_t host_length(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    return bracket == std::string_view::npos ? authority.size() : bracket + 1;
  }
  return std::min(authority.find(':'), authority.size());
}

Result<DirectoryEndpoint> parse_authority(std::string_view authority, std::uint16_t otherwise) {
  std::string_view host = authority.substr(0, host_length(authority));
  const Result<std::uint16_t> port = parse_port(authority.substr(host.size()), otherwise);
  if (!port) return port.error();
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Result<std::string> canonical = canonical_host(host);
  if (!canonical || is_ipv6(*canonical) != bracketed)
    return bad_url("the directory's URL names no valid host");
  return DirectoryEndpoint{std::move(*canonical), *port};
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

template <typename Parse>
Result<std::vector<DirectoryEndpoint>> parse_list(std::string_view list, Parse parse) {
  std::vector<DirectoryEndpoint> endpoints;
  while (true) {
    const std::size_t comma = std::min(list.find(','), list.size());
    Result<DirectoryEndpoint> endpoint = parse(trimmed(list.substr(0, comma)));
    if (!endpoint) return endpoint.error();
    endpoints.push_back(*std::move(endpoint));
    if (comma == list.size()) return endpoints;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<DirectoryEndpoint> parse_directory_url(std::string_view url) {
  if (url.starts_with("https://")) return bad_url("the directory speaks plain http, not https");
  if (!url.starts_with(kScheme)) return bad_url("the directory's URL must begin with http://");
  std::string_view authority = url.substr(kScheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#@") != std::string_view::npos)
    return bad_url("the directory's URL must hold a host and a port and nothing else");
  return parse_authority(authority, 80);
}

Result<std::vector<DirectoryEndpoint>> parse_directory_urls(std::string_view urls) {
  return parse_list(urls, parse_directory_url);
}

Result<std::vector<DirectoryEndpoint>> parse_directory_hosts(std::string_view hosts,
                                                             std::uint16_t port) {
  return parse_list(hosts, [port](std::string_view host) -> Result<DirectoryEndpoint> {
    Result<DirectoryEndpoint> endpoint = parse_authority(host, port);
    if (endpoint.ok()) return endpoint;
    return make_error(Code::kInvalidArgument,
                      "'" + std::string(host) +
                          "' is no host or host:port (an IPv6 address stands "
                          "in brackets)");
  });
}

}  // namespace trueque
