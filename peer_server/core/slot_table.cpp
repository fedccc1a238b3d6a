#include "peer_server/core/slot_table.h"

#include <algorithm>
#include <utility>

namespace trueque {

void SlotTable::insert(Slot slot, std::size_t hash) {
  if (size_ == buckets_.size()) grow();
  if (slot >= nodes_.size()) nodes_.resize(slot + std::size_t{1});
  Slot& first = buckets_[bucket(static_cast<std::uint32_t>(hash))];
  nodes_[slot] = {static_cast<std::uint32_t>(hash), first};
  first = slot;
  ++size_;
}

void SlotTable::erase(Slot slot) {
  Slot* place = &buckets_[bucket(nodes_[slot].hash)];
  while (*place != slot) place = &nodes_[*place].next;
  *place = nodes_[slot].next;
  --size_;
}

void SlotTable::grow() {
  const std::vector<Slot> former = std::exchange(buckets_, {});
  buckets_.resize(std::max<std::size_t>(16, 2 * former.size()), kNoSlot);
  for (Slot slot : former) {
    while (slot != kNoSlot) {
      Node& node = nodes_[slot];
      const Slot next = node.next;
      Slot& first = buckets_[bucket(node.hash)];
      node.next = first;
      first = std::exchange(slot, next);
    }
  }
}

}  // namespace trueque
