// How much a server takes at once.
#pragma once

#include <cstddef>

#include "server/http/connection.h"

namespace trueque {

struct HttpLimits {
  std::size_t max_connections = 20'000;     // 0: none
  std::size_t connections_per_address = 0;  // 0: none
  // Clients beyond these limits that are listened to for one request, since it may be
  // a vital one. Where they are too many, the one that has said nothing longest goes.
  std::size_t guests = 256;
  // Bytes of requests that are not answered and of answers that are not taken.
  std::size_t held_bytes = 512UL * 1024 * 1024;
  ConnectionTimes times;
};

}  // namespace trueque
