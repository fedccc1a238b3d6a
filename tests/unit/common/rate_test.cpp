#include "common/base/rate.h"

#include <gtest/gtest.h>

#include "common/config/config_schema.h"

namespace trueque {
namespace {

TEST(Rate, ReadsBytesASecondWithBinaryMultiples) {
  const std::pair<const char*, std::uint64_t> rows[] = {{"0", 0},
                                                        {"0M", 0},
                                                        {"1", 1},
                                                        {"007", 7},
                                                        {"500k", 512'000},
                                                        {"500K", 512'000},
                                                        {"10M", 10 << 20},
                                                        {"10m", 10 << 20},
                                                        {"1G", std::uint64_t{1} << 30},
                                                        {"1g", 1 << 30},
                                                        {"1048576G", kMaxRate}};
  for (const auto& [text, rate] : rows) {
    const Result<std::uint64_t> parsed = parse_rate(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, rate) << text;
  }
}

TEST(Rate, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {{"", "no rate"},
                                                      {"k", "no rate"},
                                                      {"fast", "no rate"},
                                                      {"-1", "no rate"},
                                                      {"+1", "no rate"},
                                                      {"1.5M", "no rate"},
                                                      {"1MB", "no rate"},
                                                      {"1 M", "no rate"},
                                                      {" 1", "no rate"},
                                                      {"1T", "no rate"},
                                                      {"1kk", "no rate"},
                                                      {"1048577G", "at most"},
                                                      {"1125899906842625", "at most"},
                                                      {"99999999999999999999", "at most"},
                                                      {"18446744073709551615G", "at most"}};
  const ConfigKey::Check check = bytes_a_second();
  for (const auto& [text, why] : rows) {
    const Result<std::uint64_t> parsed = parse_rate(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_NE(parsed.error().message.find(why), std::string::npos) << text;
    EXPECT_EQ(check(text).error().message, parsed.error().message);
  }
  EXPECT_TRUE(check("10M").ok());
}

}  // namespace
}  // namespace trueque
