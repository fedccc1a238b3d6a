#include "peer_client/core/piece_plan.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "tests/support/fake_peers.h"

namespace trueque {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(PiecePlan, IsWhatAnHonestPeerAnswers) {
  const RemoteFile file = testing::describe_bytes("a", testing::some_bytes(2 * kMiB + 7));
  const Result<PiecePlan> plan = plan_from_stat(file.content_id, file.size, file);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->layout.file_size(), file.size);
  EXPECT_EQ(plan->hashes, file.piece_hashes);
}

// A size near 2^64 wraps to no pieces at all, and no pieces have the id of the empty file.
TEST(PiecePlan, ASizeThatNoFileHasIsALie) {
  for (const std::uint64_t size : {kMaxFileSize + 1, kMaxFileSize << 10, UINT64_MAX}) {
    RemoteFile file;
    file.size = size;
    file.piece_size = kMaxPieceSize;
    const Result<PiecePlan> plan = plan_from_stat({}, size, file);
    ASSERT_FALSE(plan) << size;
    EXPECT_EQ(plan.error().code, Code::kDataLoss);
  }
}

}  // namespace
}  // namespace trueque
