// A hash table of ids, each under a key that stands elsewhere: about 7 bytes an id,
// where a node of a map takes 60. Beside each id is one byte of its key's hash, so that
// hardly any other key is looked at in vain. It is made of parts that grow one by one,
// so that no insertion takes long. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trueque {

class IdTable {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  // The more are to come, the more parts; a power of two.
  explicit IdTable(std::size_t parts = 1) : parts_(parts) {}

  // Makes room for so many ids; there are none yet.
  void reserve(std::size_t ids);

  // The id of which `has_key` says that its key is the one `hash` is of; else kNone.
  template <typename HasKey>
  Id find(std::size_t hash, HasKey has_key) const {
    const Part& part = parts_[part_of(hash)];
    for (std::size_t at = part.home(hash); at < part.tags.size() && part.tags[at] != kFree;
         at = part.next(at)) {
      if (part.tags[at] == tag_of(hash) && has_key(part.ids[at])) return part.ids[at];
    }
    return kNone;
  }

  // Tells the processor that this hash will be looked for soon.
  void prefetch(std::size_t hash) const {
    const Part& part = parts_[part_of(hash)];
    if (part.ids.empty()) return;
    __builtin_prefetch(&part.tags[part.home(hash)]);
    __builtin_prefetch(&part.ids[part.home(hash)]);
  }

  // Neither the id nor its key is in the table; `hash_of` gives the hash of an id's key,
  // `prefetch_key` tells the processor that this will be asked for.
  template <typename HashOf, typename Prefetch>
  void insert(std::size_t hash, Id id, HashOf hash_of, Prefetch prefetch_key) {
    Part& part = parts_[part_of(hash)];
    if (part.is_full()) part = grown(part, hash_of, prefetch_key);
    part.put(hash, id);
  }

  // The id is there, under this hash.
  void erase(std::size_t hash, Id id);
  void replace(std::size_t hash, Id id, Id by);

  std::size_t size() const;

  template <typename Visit>
  void each(Visit visit) const {
    for (const Part& part : parts_) {
      for (std::size_t at = 0; at < part.ids.size(); ++at) {
        if (part.tags[at] >= kFirstTag) visit(part.ids[at]);
      }
    }
  }

 private:
  static constexpr std::uint8_t kFree = 0;
  static constexpr std::uint8_t kErased = 1;  // others may stand behind it
  static constexpr std::uint8_t kFirstTag = 2;

  struct Part {
    Part() = default;
    explicit Part(std::size_t places) : ids(places), tags(places, kFree) {}
    bool is_full() const { return (taken + 1) * 8 > ids.size() * 7; }
    std::size_t home(std::size_t hash) const { return (hash & UINT32_MAX) * ids.size() >> 32U; }
    std::size_t next(std::size_t at) const { return at + 1 == ids.size() ? 0 : at + 1; }
    void put(std::size_t hash, Id id);
    std::size_t place_of(std::size_t hash, Id id) const;

    std::vector<Id> ids;
    std::vector<std::uint8_t> tags;  // by place
    std::size_t size = 0;
    std::size_t taken = 0;  // with those that are erased
  };

  // Keys are far apart in memory, the places they go to are not.
  template <typename HashOf, typename Prefetch>
  static Part grown(const Part& part, HashOf hash_of, Prefetch prefetch_key) {
    constexpr std::size_t kAhead = 16;
    const auto has_id = [&](std::size_t at) {
      return at < part.tags.size() && part.tags[at] >= kFirstTag;
    };
    Part grown(part.size * 10 / 7 + 4);
    for (std::size_t at = 0; at < part.ids.size(); ++at) {
      if (has_id(at + kAhead)) prefetch_key(part.ids[at + kAhead]);
      if (has_id(at)) grown.put(hash_of(part.ids[at]), part.ids[at]);
    }
    return grown;
  }

  std::size_t part_of(std::size_t hash) const { return (hash >> 40U) & (parts_.size() - 1); }
  static std::uint8_t tag_of(std::size_t hash) {
    return static_cast<std::uint8_t>(kFirstTag + (hash >> 32U) % (256 - kFirstTag));
  }

  std::vector<Part> parts_;
};

// Spreads numbers that lie close together over all bits.
inline std::size_t mixed(std::uint64_t number) {
  number = (number ^ number >> 32U) * 0xD6E8FEB86659FD93U;
  number = (number ^ number >> 32U) * 0xD6E8FEB86659FD93U;
  return number ^ number >> 32U;
}

}  // namespace trueque
