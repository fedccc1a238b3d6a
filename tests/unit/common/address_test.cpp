#include "common/base/address.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

TEST(Address, CanonicalFormsAndKinds) {
  const struct {
    std::string host;
    const char* canonical;  // null: refused
    bool is_ipv6;
  } rows[] = {
      {"10.0.0.1", "10.0.0.1", false},
      {"Host_1.Example", "host_1.example", false},
      {"::1", "::1", true},
      {"2001:DB8:0:0::1", "2001:db8::1", true},
      {"::ffff:10.0.0.1", "::ffff:10.0.0.1", true},
      {"", nullptr, false},
      {":", nullptr, false},
      {"1:2", nullptr, false},
      {"[::1]", nullptr, false},
      {"::1%lo", nullptr, false},
      {"10.0.0.1:5", nullptr, false},
      {"10.0.0", nullptr, false},
      {":\x1b]0;x\x07", nullptr, false},
      {std::string("::1\0x", 5), nullptr, false},
      {std::string("10.0.0.1\0", 9), nullptr, false},
  };
  for (const auto& row : rows) {
    const Result<std::string> canonical = canonical_host(row.host);
    EXPECT_EQ(canonical.value_or("refused"), row.canonical ? row.canonical : "refused") << row.host;
    EXPECT_EQ(is_ipv6(row.host), row.is_ipv6) << row.host;
  }
}

TEST(Address, ThisMachineIsWhatOthersCannotReachItBy) {
  for (const char* host : {"localhost", "LocalHost", "ana.localhost", "127.0.0.1", "127.1.2.3",
                           "::1", "0:0::1", "0.0.0.0", "::", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_this_machine(host)) << host;
  for (const char* host : {"10.0.0.1", "peer-server", "128.0.0.1", "::2", "fd00::1",
                           "::ffff:10.0.0.1", "localhost.example", "", "127.0.0.1.example"})
    EXPECT_FALSE(is_this_machine(host)) << host;
}

TEST(Address, OnlyIpv6StandsInBrackets) {
  EXPECT_EQ(host_and_port("::1", 5), "[::1]:5");
  EXPECT_EQ(host_and_port("10.0.0.1", 5), "10.0.0.1:5");
  EXPECT_EQ(host_in_url("a.example"), "a.example");
}

}  // namespace
}  // namespace trueque
