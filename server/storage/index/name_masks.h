// For each page of names a mask of 64 bits a row: which of its names have a gram of that
// row. A search that ANDs the masks of its grams knows the names to look at without
// having looked at one. A frequent gram has a row to itself, so that its mask is exact,
// rarer ones share; who shares with whom is dealt when many names are there at once, and
// never changes while a page has names. Not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "server/storage/index/name_grams.h"
#include "server/storage/index/page_bits.h"

namespace trueque {

class NameMasks {
 public:
  static constexpr std::size_t kRows = 160;
  static constexpr std::size_t kOwnRows = 56;  // each of one frequent gram
  static constexpr std::size_t kPagesOfAGroup = PageBits::kOfAWord;
  using Mask = std::uint64_t;  // a bit for each slot of a page
  using RowNumber = std::uint8_t;
  using OfAPage = std::array<Mask, kRows>;

  // Grams that are the same in this go into the same row: few enough for a small table.
  static constexpr std::size_t kKinds = kGrams / 4;
  static std::size_t kind_of(Gram gram) { return gram / (kGrams / kKinds); }

  // Gives the most frequent grams rows of their own and deals the others, so that their rows
  // become about equally full: how often a gram comes, by its kind. No page has names.
  void deal(const std::vector<std::uint32_t>& counts);
  RowNumber row_of(Gram gram) const {
    const std::size_t kind = kind_of(gram);
    return row_of_.empty() ? static_cast<RowNumber>(kind % kRows) : row_of_[kind];
  }

  // The page has no names, whatever it had before.
  void clear(PageId page);
  void set(PageId page, const OfAPage& masks);
  // Adds a name to the masks of a page in the making.
  void mark(std::string_view searchable_name, std::size_t slot, OfAPage& masks) const {
    each_gram_of_masks(searchable_name, [&](Gram gram) { masks[row_of(gram)] |= Mask{1} << slot; });
  }
  // So many names come, their first into the slot; those from there on move up.
  void insert(PageId page, std::size_t slot, std::size_t count, const OfAPage& masks);
  // A name leaves; those behind it move down by one.
  void erase(PageId page, std::size_t slot);
  // The names from `first` on leave.
  void truncate(PageId page, std::size_t first);

  // Of the pages group * 64 to group * 64 + 63.
  std::span<const Mask, kPagesOfAGroup> of_group(std::size_t group, RowNumber row) const {
    return (*groups_[group])[row];
  }

 private:
  // Rows lie together by the group, so that a search runs straight through memory.
  using Group = std::array<std::array<Mask, kPagesOfAGroup>, kRows>;

  template <typename Change>
  void each_row(PageId page, Change change);

  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<RowNumber> row_of_;  // by kind of gram; empty: by its number
};

}  // namespace trueque
