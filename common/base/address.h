// Addresses of peers and directories: an IPv4 or IPv6 address or a host name,
// and a port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace trueque {

// The canonical form of `host`: IPv6 compressed and in lower case, host names in
// lower case (RFC 1123 letters, digits, hyphens, underscores and dots; at most
// 253 bytes). kInvalidArgument for anything else; brackets are not part of a host.
Result<std::string> canonical_host(std::string_view host);

// True for an IPv6 address in any of its forms, without brackets or zone.
bool is_ipv6(std::string_view host);

// True for "localhost", loopback addresses and those that stand for any address: what
// nobody but this machine reaches it by.
bool is_this_machine(std::string_view host);

// "10.0.0.1:50051", "[::1]:50051".
std::string host_and_port(std::string_view host, std::uint16_t port);

// "10.0.0.1", "[::1]": a host as it stands inside a URL.
std::string host_in_url(std::string_view host);

// This machine's address as seen from others: the source address the system
// would use to leave it; "127.0.0.1" with no network at all. No packet is sent.
std::string local_address();

// The address this machine would use to talk to `host`, or local_address() when
// the host cannot be resolved. No packet but a DNS query is sent.
std::string local_address_towards(const std::string& host, std::uint16_t port);

}  // namespace trueque
