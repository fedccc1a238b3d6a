#include "peer_server/rpc/block_pool.h"

#include <algorithm>

namespace trueque {

void BlockAccount::add(std::size_t blocks) {
  held_ += blocks;
  if (parent_) parent_->add(blocks);
}

void BlockAccount::release() {
  --held_;
  ++released_;
  if (parent_) parent_->release();
}

void ReturnBlock::operator()(SendBlock* block) const {
  std::unique_ptr<SendBlock> owned(block);
  std::exchange(owned->account, nullptr)->release();
  const std::shared_ptr<BlockPool> pool = std::exchange(owned->pool, nullptr);
  pool->take_back(std::move(owned));
}

std::shared_ptr<BlockPool> BlockPool::create(std::size_t blocks) {
  return std::shared_ptr<BlockPool>(new BlockPool(blocks));
}

std::size_t BlockPool::available(const BlockAccount& peer) const {
  const std::lock_guard lock(mutex_);
  return available_locked(peer);
}

// Half of what would make the peer's share as large as the rest, so that its next
// upload finds something too.
std::size_t BlockPool::available_locked(const BlockAccount& peer) const {
  const std::size_t left = blocks_ - out_;
  const std::size_t held = peer.held();
  if (left <= held) return 0;
  return (left - held + 1) / 2;
}

std::vector<SendBlockPtr> BlockPool::lease(const BlockAccount& peer,
                                           const std::shared_ptr<BlockAccount>& upload,
                                           std::size_t wanted) {
  std::vector<SendBlockPtr> leased;
  const std::lock_guard lock(mutex_);
  const std::size_t count = std::min(wanted, available_locked(peer));
  leased.reserve(count);
  while (leased.size() < count) {
    if (free_.empty()) free_.push_back(std::make_unique_for_overwrite<SendBlock>());
    SendBlockPtr block(free_.back().release());
    free_.pop_back();
    block->pool = shared_from_this();
    block->account = upload;
    leased.push_back(std::move(block));
  }
  out_ += count;
  upload->add(count);
  return leased;
}

void BlockPool::take_back(std::unique_ptr<SendBlock> block) {
  const std::lock_guard lock(mutex_);
  --out_;
  free_.push_back(std::move(block));
}

}  // namespace trueque
