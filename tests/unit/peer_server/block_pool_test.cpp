#include "peer_server/rpc/block_pool.h"

#include <gtest/gtest.h>

#include <thread>

#include "peer_server/rpc/chunk.h"

namespace trueque {
namespace {

struct PeerAccount {
  std::shared_ptr<BlockAccount> peer = std::make_shared<BlockAccount>();
  std::shared_ptr<BlockAccount> upload = std::make_shared<BlockAccount>(peer);
};

TEST(BlockPool, LeavesHalfOfWhatThereIsForTheNextPeer) {
  const auto pool = BlockPool::create(16);
  PeerAccount accounts[6];
  std::vector<SendBlockPtr> out;
  const std::size_t expected[] = {8, 4, 2, 1, 1, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    for (SendBlockPtr& block : pool->lease(*accounts[i].peer, accounts[i].upload, 100))
      out.push_back(std::move(block));
    EXPECT_EQ(accounts[i].peer->held(), expected[i]) << i;
    EXPECT_EQ(pool->available(*accounts[0].peer), 0U);
  }
  out.clear();
  EXPECT_EQ(pool->available(*accounts[5].peer), 8U);
}

TEST(BlockPool, CountsWhatIsHeldAndWhatCameBack) {
  const auto pool = BlockPool::create(16);
  const PeerAccount account;
  auto blocks = pool->lease(*account.peer, account.upload, 3);
  ASSERT_EQ(blocks.size(), 3U);
  blocks.pop_back();
  for (const BlockAccount* each : {account.peer.get(), account.upload.get()}) {
    EXPECT_EQ(each->held(), 2U);
    EXPECT_EQ(each->released(), 1U);
  }
}

TEST(BlockPool, BlocksAreUsedAgain) {
  const auto pool = BlockPool::create(16);
  const PeerAccount account;
  auto blocks = pool->lease(*account.peer, account.upload, 1);
  const SendBlock* const first = blocks.front().get();
  blocks.clear();
  EXPECT_EQ(pool->lease(*account.peer, account.upload, 1).front().get(), first);
}

TEST(BlockPool, BlocksOutliveTheirPoolsOwner) {
  auto pool = BlockPool::create(4);
  const std::weak_ptr<BlockPool> watch = pool;
  const PeerAccount account;
  auto blocks = pool->lease(*account.peer, account.upload, 1);
  pool.reset();
  EXPECT_FALSE(watch.expired());
  blocks.clear();
  EXPECT_TRUE(watch.expired());
}

TEST(BlockPool, ServesManyThreads) {
  const auto pool = BlockPool::create(64);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&pool] {
      const PeerAccount account;
      for (int turn = 0; turn < 2'000; ++turn)
        for (const SendBlockPtr& block : pool->lease(*account.peer, account.upload, 5))
          block->bytes[0] = 1;
      EXPECT_EQ(account.peer->held(), 0U);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool->available(BlockAccount()), 32U);
}

TEST(Chunk, IsTheMessageAroundTheBlocks) {
  const auto pool = BlockPool::create(16);
  const PeerAccount account;
  const std::pair<std::size_t, std::string> rows[] = {
      {1, {0x0A, 0x01}},
      {300, {0x0A, '\xAC', 0x02}},
      {SendBlock::kBytes, {0x0A, '\x80', '\x80', 0x04}},
      {3 * SendBlock::kBytes - 1, {0x0A, '\xFF', '\xFF', 0x0B}}};
  for (const auto& [size, header] : rows) {
    auto blocks = pool->lease(*account.peer, account.upload,
                              (size + SendBlock::kBytes - 1) / SendBlock::kBytes);
    for (const SendBlockPtr& block : blocks) block->bytes.fill('x');
    const grpc::ByteBuffer message = make_chunk(std::move(blocks), size);
    grpc::Slice whole;
    ASSERT_TRUE(message.DumpToSingleSlice(&whole).ok());
    const std::string bytes(reinterpret_cast<const char*>(whole.begin()), whole.size());
    EXPECT_EQ(bytes, header + std::string(size, 'x'));
  }
  EXPECT_EQ(account.peer->held(), 0U);
}

}  // namespace
}  // namespace trueque
