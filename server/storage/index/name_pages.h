// All names in the order of their bytes, in pages of at most 64, with what a search has
// to know before it looks at a name: which pages have which grams, and how many sources
// a name has. Names that come to lie side by side join a page together; a page that is full
// gives to the next one, or becomes two. Not synchronised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "server/storage/index/blocks.h"
#include "server/storage/index/gram_index.h"
#include "server/storage/index/name_masks.h"
#include "server/storage/index/name_store.h"

namespace trueque {

// How many sources a name has, in 7 bits: exact up to kExact, then the higher the more.
class SourceLevel {
 public:
  static constexpr std::uint8_t kExact = 63;
  static constexpr std::uint8_t kHighest = 127;
  // Set in a name's level when it has several contents; the level is then that of the
  // one with most sources.
  static constexpr std::uint8_t kSeveral = 128;

  static std::uint8_t of(std::size_t sources);
  static std::uint8_t without_mark(std::uint8_t level) { return level & kHighest; }
  // The most sources that have this level.
  static std::size_t most(std::uint8_t level);
};

class NamePages {
 public:
  static constexpr std::size_t kMost = 64;

  struct Page {
    std::uint8_t size = 0;
    std::uint8_t highest = 0;                  // at least the highest level in the page
    bool has_several = false;                  // or had: a name with several contents
    std::array<std::uint8_t, kMost> levels{};  // 0: the name has no source
    std::array<NameId, kMost> names{};

    void note(std::uint8_t level);  // of a name it has
  };
  struct Place {
    std::size_t page = 0;  // in the order of pages
    std::size_t slot = 0;
  };

  explicit NamePages(NameStore& names) : names_(names) {}

  // Names that are in no page yet, in their order, each with its level. Those that come to lie
  // side by side are worked on together. Calls `pause` now and then, between steps.
  void insert(std::span<const NameId> names, std::span<const std::uint8_t> levels,
              const std::function<void()>& pause);
  // All names at once, when there are none yet, by so many threads, which call `levels_of`
  // for some of them at a time.
  using LevelsOf = std::function<std::vector<std::uint8_t>(std::span<const NameId>)>;
  void build(std::span<const NameId> names, const LevelsOf& levels_of, std::size_t workers);
  bool has(NameId name) const { return names_.links(name).page != NameStore::Links::kNoPage; }
  // Of a name it has.
  void set_level(NameId name, std::uint8_t level);
  std::uint8_t level(NameId name) const;
  // Takes the names without sources out of the next page, round and round, and hands
  // them to `forget`.
  void sweep_next(const std::function<void(NameId)>& forget);

  // The first name that does not come before `text`.
  Place lower_bound(std::string_view text) const;
  bool is_end(Place place) const { return place.page == order_.size(); }
  NameId name_at(Place place) const { return pages_[order_[place.page]].names[place.slot]; }
  void advance(Place& place) const;

  const std::vector<PageId>& order() const { return order_; }
  const Page& page(PageId id) const { return pages_[id]; }
  const GramIndex& grams() const { return grams_; }
  const NameMasks& masks() const { return masks_; }
  // A bit for each slot of the page that has a name.
  std::uint64_t used_slots(PageId id) const {
    return pages_[id].size == 0 ? 0 : ~std::uint64_t{0} >> (kMost - pages_[id].size);
  }
  // How many names have a level.
  std::size_t count_at(std::uint8_t level) const { return counts_[level]; }

 private:
  // Some names and their levels.
  struct Names {
    std::vector<NameId> names;
    std::vector<std::uint8_t> levels;
  };

  std::size_t page_before(std::string_view text) const;
  static std::size_t slot_of(const Page& page, NameId name);
  std::size_t insert_first(std::span<const NameId> names, std::span<const std::uint8_t> levels);
  std::size_t run_at(std::size_t place, std::size_t slot, std::span<const NameId> names) const;
  void put(PageId id, std::size_t slot, std::span<const NameId> names,
           std::span<const std::uint8_t> levels);
  Names take(PageId id, std::size_t first);
  std::size_t slot_before(const Page& page, std::string_view text) const;
  PageId new_page();
  PageId open_page(std::size_t place);
  void deal_masks(std::span<const NameId> names);
  void count(const Page& page);
  void split(std::size_t place, std::size_t first_moved);
  bool even_out(std::size_t place);
  void collect(const Page& page, std::size_t first, std::size_t end, GramSet& grams);
  void remove_idle(PageId id, const std::function<void(NameId)>& forget);
  void join_with_former(std::size_t place);

  NameStore& names_;
  Blocks<Page> pages_;
  std::vector<PageId> free_pages_;
  std::vector<PageId> order_;  // of the names in them; no page is empty
  GramIndex grams_;
  NameMasks masks_;
  std::array<std::size_t, SourceLevel::kHighest + 1> counts_{};
  std::size_t next_to_sweep_ = 0;
  std::string room_;        // for searchable forms
  GramSet before_, after_;  // for changes of a page
};

}  // namespace trueque
