#include "peer_server/core/upload_rates.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using testing::ManualClock;

constexpr UploadRates::Duration kNow{0};
constexpr std::uint64_t kRate = 1 << 20;

class UploadRatesTest : public ::testing::Test {
 protected:
  // Bytes that went to each peer in `time`, all of them asking all the time.
  std::map<std::string, std::uint64_t> run(UploadRates& rates, milliseconds time,
                                           const std::vector<std::string>& peers) {
    std::map<std::string, std::uint64_t> gone;
    for (milliseconds past{0}; past < time; past += milliseconds(1)) {
      for (const std::string& peer : peers) {
        if (rates.wait_for(peer) != kNow) continue;
        rates.take(peer, rates.largest_chunk());
        gone[peer] += rates.largest_chunk();
      }
      clock_.advance(milliseconds(1));
    }
    return gone;
  }

  ManualClock clock_;
};

TEST_F(UploadRatesTest, WithoutLimitsNothingWaitsOrIsRemembered) {
  UploadRates rates(clock_, 0, 0);
  EXPECT_GT(rates.largest_chunk(), std::uint64_t{1} << 40);
  rates.take("a", kRate);
  EXPECT_EQ(rates.wait_for("a"), kNow);
  EXPECT_EQ(rates.remembered(), 0U);
}

TEST_F(UploadRatesTest, EachPeerHasItsOwn) {
  UploadRates rates(clock_, 0, kRate);
  const auto gone = run(rates, milliseconds(4'000), {"a", "b"});
  EXPECT_NEAR(static_cast<double>(gone.at("a")), 4.0 * kRate, kRate / 6.0);
  EXPECT_NEAR(static_cast<double>(gone.at("b")), 4.0 * kRate, kRate / 6.0);
}

TEST_F(UploadRatesTest, TheTotalHoldsForAllTogether) {
  UploadRates rates(clock_, kRate, kRate);
  const auto gone = run(rates, milliseconds(4'000), {"a", "b", "c"});
  std::uint64_t sum = 0;
  for (const auto& [peer, bytes] : gone) sum += bytes;
  EXPECT_NEAR(static_cast<double>(sum), 4.0 * kRate, kRate / 6.0);
}

TEST_F(UploadRatesTest, ComingBackDoesNotStartACountAnew) {
  UploadRates rates(clock_, 0, kRate);
  while (rates.wait_for("a") == kNow) rates.take("a", rates.largest_chunk());
  rates.forget_idle_peers();
  EXPECT_NE(rates.wait_for("a"), kNow);
  clock_.advance(milliseconds(1'000));
  rates.forget_idle_peers();
  EXPECT_EQ(rates.remembered(), 0U);
  EXPECT_EQ(rates.wait_for("a"), kNow);
}

TEST_F(UploadRatesTest, ChunksAreSmallWhereTheRateIs) {
  const std::tuple<std::uint64_t, std::uint64_t, std::uint64_t> rows[] = {
      {1, 0, 16 << 10}, {0, 1, 16 << 10}, {16 << 20, 0, 1 << 20}, {16 << 20, 8 << 20, 1 << 19}};
  for (const auto& [total, per_peer, chunk] : rows)
    EXPECT_EQ(UploadRates(clock_, total, per_peer).largest_chunk(), chunk);
}

}  // namespace
}  // namespace trueque
