#include "peer_server/core/slot_rings.h"

namespace trueque {

void SlotRings::join(Slot slot, Slot first) {
  if (slot >= links_.size()) links_.resize(slot + std::size_t{1});
  if (first == kNoSlot) {
    links_[slot] = {slot, slot};
    return;
  }
  const Slot last = links_[first].previous;
  links_[slot] = {first, last};
  links_[last].next = slot;
  links_[first].previous = slot;
}

Slot SlotRings::leave(Slot slot) {
  const auto [next, previous] = links_[slot];
  if (next == slot) return kNoSlot;
  links_[previous].next = next;
  links_[next].previous = previous;
  return next;
}

}  // namespace trueque
