// A hash table of slots that may have a key in common, thousands of them (the empty
// file, "README"): the first with a key stands in a table, the others in its ring. So
// that many with one key cost nothing to those with another. Not synchronised.
#pragma once

#include "peer_server/core/slot_rings.h"
#include "peer_server/core/slot_table.h"

namespace trueque {

class SlotGroups {
 public:
  // `has_key` tells whether a slot has the key that `hash` is of, which is that of `slot`.
  template <typename HasKey>
  void insert(Slot slot, std::size_t hash, HasKey has_key) {
    const Slot first = table_.find(hash, has_key);
    rings_.join(slot, first);
    if (first == kNoSlot) table_.insert(slot, hash);
  }
  template <typename HasKey>
  void erase(Slot slot, std::size_t hash, HasKey has_key) {
    const bool leads = table_.find(hash, has_key) == slot;
    const Slot next = rings_.leave(slot);
    if (!leads) return;
    table_.erase(slot);
    if (next != kNoSlot) table_.insert(next, hash);
  }
  // Calls `visit` with each slot of the key until it gives false.
  template <typename HasKey, typename Visit>
  void each(std::size_t hash, HasKey has_key, Visit visit) const {
    rings_.each(table_.find(hash, has_key), visit);
  }

 private:
  SlotTable table_;
  SlotRings rings_;
};

}  // namespace trueque
