// Slots that have something in common, each group a ring: any of them is joined and
// left at once, however many they are. 8 bytes a slot. Not synchronised.
#pragma once

#include <vector>

#include "peer_server/core/slot_table.h"

namespace trueque {

class SlotRings {
 public:
  // The slot becomes the last of the ring that begins with `first`; of one of its own
  // for kNoSlot.
  void join(Slot slot, Slot first);
  // Gives the slot that came after it, kNoSlot when it was alone.
  Slot leave(Slot slot);
  Slot next(Slot slot) const { return links_[slot].next; }

  // Calls `visit` with each slot of the ring, from `first` (which may be kNoSlot) on,
  // until it gives false.
  template <typename Visit>
  void each(Slot first, Visit visit) const {
    if (first == kNoSlot) return;
    Slot slot = first;
    while (visit(slot) && next(slot) != first) slot = next(slot);
  }

 private:
  struct Link {
    Slot next = kNoSlot;
    Slot previous = kNoSlot;
  };
  std::vector<Link> links_;  // by slot
};

}  // namespace trueque
