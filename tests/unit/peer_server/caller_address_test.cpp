#include "peer_server/rpc/caller_address.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

TEST(CallerAddress, IsTheAddressWithoutThePort) {
  const std::pair<const char*, const char*> rows[] = {
      {"ipv4:10.0.0.1:4000", "10.0.0.1"},
      {"ipv6:%5B::1%5D:4000", "::1"},
      {"ipv6:[::1]:4000", "::1"},
      {"ipv6:%5Bfe80::1%25eth0%5D:1", "fe80::1%25eth0"},
      {"ipv6:%5B::ffff:10.0.0.1%5D:4000", "10.0.0.1"},
      {"ipv6:%5B::ffff:a00:1%5D:4000", "::ffff:a00:1"},
      {"unix:/run/socket", "unix:/run/socket"},
      {"ipv4:10.0.0.1", "10.0.0.1"},
      {"ipv6:%5B", "["},
      {"ipv4:", ""},
      {"", ""}};
  for (const auto& [peer, address] : rows) EXPECT_EQ(caller_address(peer), address) << peer;
}

TEST(CallerAddress, ThePortIsWhatComesLast) {
  const std::pair<const char*, std::uint16_t> rows[] = {
      {"ipv4:10.0.0.1:4000", 4000}, {"ipv6:%5B::1%5D:65535", 65535},
      {"ipv4:10.0.0.1:65536", 0},   {"ipv4:10.0.0.1", 0},
      {"unix:/run/socket", 0},      {"ipv4:1.1.1.1:", 0},
      {"ipv4:1.1.1.1:4x", 0},       {"", 0}};
  for (const auto& [peer, port] : rows) EXPECT_EQ(caller_port(peer), port) << peer;
}

}  // namespace
}  // namespace trueque
