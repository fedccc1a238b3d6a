#include "server/storage/index/id_table.h"

namespace trueque {

void IdTable::Part::put(std::size_t hash, Id id) {
  std::size_t at = home(hash);
  while (tags[at] != kFree) at = next(at);
  ids[at] = id;
  tags[at] = tag_of(hash);
  ++size;
  ++taken;
}

std::size_t IdTable::Part::place_of(std::size_t hash, Id id) const {
  std::size_t at = home(hash);
  while (ids[at] != id || tags[at] != tag_of(hash)) at = next(at);
  return at;
}

void IdTable::reserve(std::size_t ids) {
  // The parts do not get the same number of ids: a few more than their share.
  const std::size_t share = ids / parts_.size();
  for (Part& part : parts_) part = Part(share * 8 / 7 + share / 32 + 4);
}

void IdTable::erase(std::size_t hash, Id id) {
  Part& part = parts_[part_of(hash)];
  const std::size_t at = part.place_of(hash, id);
  const bool is_last = part.tags[part.next(at)] == kFree;
  part.tags[at] = is_last ? kFree : kErased;
  --part.size;
  if (is_last) --part.taken;
}

void IdTable::replace(std::size_t hash, Id id, Id by) {
  Part& part = parts_[part_of(hash)];
  part.ids[part.place_of(hash, id)] = by;
}

std::size_t IdTable::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) size += part.size;
  return size;
}

}  // namespace trueque
