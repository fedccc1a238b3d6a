// A listening TCP socket that nobody shares: SO_REUSEADDR so that a restart need
// not wait, never SO_REUSEPORT. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/files.h"
#include "common/base/result.h"

namespace trueque {

struct Listener {
  UniqueFd fd;             // non-blocking
  std::uint16_t port = 0;  // the actual one
};

// Port 0 lets the system choose; "::" takes IPv4 as well. kAlreadyExists when the
// port is in use, kUnavailable when the address cannot be had.
Result<Listener> listen_on(const std::string& host, std::uint16_t port);

struct Accepted {
  UniqueFd fd;          // non-blocking, no delay
  std::string address;  // of the other side, IPv4 where it is mapped into IPv6
  std::uint16_t port = 0;
};

// The next waiting connection; its fd is not valid, and errno tells why, when
// there is none.
Accepted accept_from(const Listener& listener);

// Raises the process's limit of open files as far as allowed, towards `files`; gives
// what it is then.
std::size_t raise_open_file_limit(std::size_t files);

}  // namespace trueque
