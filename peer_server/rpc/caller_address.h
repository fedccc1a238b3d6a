// Who calls, as what uploads are shared between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trueque {

// The address in what grpc::ServerContext::peer() tells ("ipv4:10.0.0.1:4000",
// "ipv6:%5B::1%5D:4000"), without the port; an IPv4 address mapped into IPv6 is the
// IPv4 one. What is neither comes back unchanged.
std::string caller_address(std::string_view peer);
// The port in it; 0 when there is none.
std::uint16_t caller_port(std::string_view peer);

}  // namespace trueque
