#include "server/storage/index/id_table.h"

#include <algorithm>

namespace trueque {

void IdTable::Part::put(std::uint32_t kept, Id id) {
  std::size_t at = home(kept);
  std::size_t distance = 0;
  for (; tags[at] != kFree; at = next(at)) ++distance;
  ids[at] = id;
  tags[at] = tag_of(kept);
  ++size;
  ++taken;
  farthest = std::max(farthest, distance);
}

std::size_t IdTable::Part::place_of(std::uint32_t kept, Id id) const {
  std::size_t at = home(kept);
  while (ids[at] != id || tags[at] != tag_of(kept)) at = next(at);
  return at;
}

// Home is less than a quarter of all places away, so that it lies in the quarter that ends
// with the id's place or has it, or else in the one before.
std::uint32_t IdTable::Part::kept_at(std::size_t at) const {
  static_assert(kPlaceBits == 2);
  const std::size_t end = at * 4 + 3, places = ids.size();
  const auto quarter =  // end / places, without the division
      static_cast<std::uint32_t>((end >= places) + (end >= 2 * places) + (end >= 3 * places));
  const std::uint32_t kept = quarter << kTagBits | tags[at];
  return home(kept) <= at ? kept : (kept - (1U << kTagBits)) % (1U << kKeptBits);
}

void IdTable::reserve(std::size_t ids) {
  // The parts do not get the same number of ids: a few more than their share.
  const std::size_t share = ids / parts_.size();
  for (Part& part : parts_) part = Part(share * 8 / 7 + share / 32 + 4);
}

void IdTable::erase(std::size_t hash, Id id) {
  Part& part = parts_[part_of(hash)];
  const std::size_t at = part.place_of(kept_of(hash), id);
  const bool is_last = part.tags[part.next(at)] == kFree;
  part.tags[at] = is_last ? kFree : kErased;
  --part.size;
  if (is_last) --part.taken;
}

void IdTable::replace(std::size_t hash, Id id, Id by) {
  Part& part = parts_[part_of(hash)];
  part.ids[part.place_of(kept_of(hash), id)] = by;
}

std::size_t IdTable::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) size += part.size;
  return size;
}

}  // namespace trueque
