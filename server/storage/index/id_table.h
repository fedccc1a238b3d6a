// A hash table of ids, each under a key that stands elsewhere: about 8 bytes an id, where a
// node of a map takes 60. It keeps 18 bits of a key's hash: where an id stands tells the
// highest two of them, a tag beside it the others. So hardly any other key is looked at in
// vain, and the table grows without looking at keys, which are far apart in memory. It is
// made of parts that grow one by one, so that no insertion takes long. Not synchronised.
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

  // Tells the processor that this hash will be looked for soon.
  void prefetch(std::size_t hash) const {
    const Part& part = parts_[part_of(hash)];
    if (part.ids.empty()) return;
    __builtin_prefetch(&part.tags[part.home(kept_of(hash))]);
    __builtin_prefetch(&part.ids[part.home(kept_of(hash))]);
  }

  // The id of which `has_key` says that its key is the one `hash` is of; else kNone.
  template <typename HasKey>
  Id find(std::size_t hash, HasKey has_key) const {
    const Part& part = parts_[part_of(hash)];
    const Tag tag = tag_of(kept_of(hash));
    for (std::size_t at = part.home(kept_of(hash)); at < part.tags.size() && part.tags[at] != kFree;
         at = part.next(at)) {
      if (part.tags[at] == tag && has_key(part.ids[at])) return part.ids[at];
    }
    return kNone;
  }

  // Neither the id nor its key is in the table; `hash_of` gives the hash of an id's key.
  template <typename HashOf>
  void insert(std::size_t hash, Id id, HashOf hash_of) {
    Part& part = parts_[part_of(hash)];
    if (part.is_full()) part = grown(part, hash_of);
    part.put(kept_of(hash), id);
  }

  // The id is there, under this hash.
  void erase(std::size_t hash, Id id);
  void replace(std::size_t hash, Id id, Id by);

  std::size_t size() const;

  template <typename Visit>
  void each(Visit visit) const {
    for (const Part& part : parts_) {
      for (std::size_t at = 0; at < part.ids.size(); ++at) {
        if (part.has_id(at)) visit(part.ids[at]);
      }
    }
  }

 private:
  using Tag = std::uint16_t;
  static constexpr Tag kFree = 0;
  static constexpr Tag kErased = 1;  // others may stand behind it
  static constexpr Tag kFirstTag = 2;

  static constexpr unsigned kTagBits = 16;
  static constexpr unsigned kPlaceBits = 2;
  static constexpr unsigned kKeptBits = kTagBits + kPlaceBits;

  struct Part {
    Part() = default;
    explicit Part(std::size_t places) : ids(places), tags(places, kFree) {}
    bool is_full() const { return (taken + 1) * 8 > ids.size() * 7; }
    bool has_id(std::size_t at) const { return tags[at] >= kFirstTag; }
    // Where an id belongs by what is kept of its key's hash.
    std::size_t home(std::uint32_t kept) const { return kept * ids.size() >> kKeptBits; }
    std::size_t next(std::size_t at) const { return at + 1 == ids.size() ? 0 : at + 1; }
    void put(std::uint32_t kept, Id id);
    std::size_t place_of(std::uint32_t kept, Id id) const;
    // What is kept of the hash of an id's key, when no id is so far from home that places do
    // not tell.
    std::uint32_t kept_at(std::size_t at) const;
    bool do_places_tell() const { return (farthest + 2) << kPlaceBits <= ids.size(); }

    std::vector<Id> ids;
    std::vector<Tag> tags;  // by place
    std::size_t size = 0;
    std::size_t taken = 0;     // with those that are erased
    std::size_t farthest = 0;  // from home, of those ever put
  };

  template <typename HashOf>
  static Part grown(const Part& part, HashOf hash_of) {
    Part grown(part.size * 4 / 3 + 4);
    const bool do_places_tell = part.do_places_tell();
    for (std::size_t at = 0; at < part.ids.size(); ++at) {
      if (!part.has_id(at)) continue;
      const Id id = part.ids[at];
      grown.put(do_places_tell ? part.kept_at(at) : kept_of(hash_of(id)), id);
    }
    return grown;
  }

  std::size_t part_of(std::size_t hash) const { return (hash >> 40U) & (parts_.size() - 1); }
  static std::uint32_t kept_of(std::size_t hash) {
    const auto kept = static_cast<std::uint32_t>(hash % (1U << kKeptBits));
    return tag_of(kept) < kFirstTag ? kept + kFirstTag : kept;
  }
  static Tag tag_of(std::uint32_t kept) { return static_cast<Tag>(kept); }

  std::vector<Part> parts_;
};

// Spreads numbers that lie close together over all bits.
inline std::size_t mixed(std::uint64_t number) {
  number = (number ^ number >> 32U) * 0xD6E8FEB86659FD93U;
  number = (number ^ number >> 32U) * 0xD6E8FEB86659FD93U;
  return number ^ number >> 32U;
}

}  // namespace trueque
