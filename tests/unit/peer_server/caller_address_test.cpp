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

}  // namespace
}  // namespace trueque
