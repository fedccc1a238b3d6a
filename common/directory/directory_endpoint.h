// Where a directory is, and how a configuration says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace trueque {

struct DirectoryEndpoint {
  std::string host;  // IPv4, IPv6 without brackets, or host name
  std::uint16_t port = 5000;

  bool operator==(const DirectoryEndpoint&) const = default;
};

// "http://host:port", IPv6 in brackets, 80 when the port is left out.
// kInvalidArgument says what is wrong.
Result<DirectoryEndpoint> parse_directory_url(std::string_view url);

// Several of them, with commas between; at least one.
Result<std::vector<DirectoryEndpoint>> parse_directory_urls(std::string_view urls);

// "host", "host:port", "[::1]:port", with commas between; at least one. `port` where none
// is said.
Result<std::vector<DirectoryEndpoint>> parse_directory_hosts(std::string_view hosts,
                                                             std::uint16_t port);

}  // namespace trueque
