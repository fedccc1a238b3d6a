// The memory of all chunks on their way to callers: blocks of 64 KiB, so many and
// no more, used again and again. A block is given back when gRPC has handed its
// bytes to the network, from whatever thread that happens on, so what is counted
// is what is there. Any thread may call; blocks may outlive the pool's owner.
//
// No peer holds more than what is left for others: each next one finds at least
// half of what the one before found.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace trueque {

class BlockPool;
struct ReturnBlock;

// Counts the blocks of one upload, and through `parent` those of its peer.
class BlockAccount {
 public:
  explicit BlockAccount(std::shared_ptr<BlockAccount> parent = nullptr)
      : parent_(std::move(parent)) {}

  std::size_t held() const { return held_; }
  // Blocks given back since the beginning: grows while the caller takes something.
  std::size_t released() const { return released_; }

 private:
  friend class BlockPool;
  friend struct ReturnBlock;

  void add(std::size_t blocks);
  void release();

  const std::shared_ptr<BlockAccount> parent_;
  std::atomic<std::size_t> held_ = 0;
  std::atomic<std::size_t> released_ = 0;
};

struct SendBlock {
  static constexpr std::size_t kBytes = 64UL * 1024;

  std::array<std::uint8_t, kBytes> bytes;
  std::shared_ptr<BlockPool> pool;  // while it is out
  std::shared_ptr<BlockAccount> account;
};

struct ReturnBlock {
  void operator()(SendBlock* block) const;
};
using SendBlockPtr = std::unique_ptr<SendBlock, ReturnBlock>;

class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  static std::shared_ptr<BlockPool> create(std::size_t blocks);

  // How many blocks that peer could have now.
  std::size_t available(const BlockAccount& peer) const;
  // Up to `wanted` blocks for an upload of `peer`; none when none are available.
  std::vector<SendBlockPtr> lease(const BlockAccount& peer,
                                  const std::shared_ptr<BlockAccount>& upload, std::size_t wanted);

 private:
  friend struct ReturnBlock;

  explicit BlockPool(std::size_t blocks) : blocks_(blocks) {}
  std::size_t available_locked(const BlockAccount& peer) const;
  void take_back(std::unique_ptr<SendBlock> block);

  const std::size_t blocks_;
  mutable std::mutex mutex_;  // guards the next two
  std::size_t out_ = 0;
  std::vector<std::unique_ptr<SendBlock>> free_;  // made when first needed
};

}  // namespace trueque
