// A hash table of slots: numbers of entries that stand elsewhere, each under a key of
// its own. It knows the keys' hashes alone and takes 12 bytes or so a slot, where a
// node of a map takes 60. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trueque {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

class SlotTable {
 public:
  // `slot` is not in the table, nor is its key.
  void insert(Slot slot, std::size_t hash);
  void erase(Slot slot);
  // The slot with this hash that `has_key` says is the one, else kNoSlot.
  template <typename HasKey>
  Slot find(std::size_t hash, HasKey has_key) const {
    if (buckets_.empty()) return kNoSlot;
    const auto wanted = static_cast<std::uint32_t>(hash);
    Slot slot = buckets_[bucket(wanted)];
    while (slot != kNoSlot && (nodes_[slot].hash != wanted || !has_key(slot)))
      slot = nodes_[slot].next;
    return slot;
  }

 private:
  struct Node {
    std::uint32_t hash = 0;
    Slot next = kNoSlot;  // in the same bucket
  };

  std::size_t bucket(std::uint32_t hash) const { return hash & (buckets_.size() - 1); }
  void grow();

  std::vector<Slot> buckets_;  // a power of two of them, at least as many as slots
  std::vector<Node> nodes_;    // by slot
  std::size_t size_ = 0;
};

}  // namespace trueque
