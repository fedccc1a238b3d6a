// Which pages of names (see NamePages) have which grams, so that a search looks only at
// pages that may hold what it wants. A page takes a bit for each gram where the gram is
// frequent, a number where it is rare. Not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "server/storage/index/name_grams.h"
#include "server/storage/index/page_bits.h"

namespace trueque {

// The pages of a group of 64 that have a gram.
struct GroupGram {
  Gram gram;
  std::uint64_t pages;  // a bit each
};

class GramIndex {
 public:
  GramIndex() : blocks_(kGrams / kBlock), rows_(1) {}

  // The page has these grams as well.
  void add(PageId page, const GramSet& grams);
  // The page had these grams, or some of them, and has those instead.
  void change(PageId page, const GramSet& before, const GramSet& after);

  // Of very many pages at once, when there are none yet: so many, then group by group in their
  // order, then no more.
  void expect(std::size_t pages) { pages_ = pages; }
  void add_group(std::size_t group, std::span<const GroupGram> grams);
  void shrink();

  // Room for the pages there are.
  PageBits all_pages() const { return {pages_, true}; }
  PageBits no_pages() const { return {pages_, false}; }
  // Leaves only pages that have one of the grams; `room` is as large as `pages`.
  void keep_with_any(std::span<const Gram> grams, PageBits& pages, PageBits& room) const;

 private:
  // The pages that have a gram: in ascending order, or, where they are many, bits.
  struct Row {
    std::vector<std::uint32_t> pages;
    bool is_bits = false;
  };

  // Calls visit(row, i) for each gram's row, made if there is none, while the next rows come
  // from far away in memory, and where they know of the page.
  template <typename GramOf, typename Visit>
  void each_row(std::size_t grams, PageId page, GramOf gram_of, Visit visit);
  template <typename Visit>
  void each_row(std::span<const Gram> grams, PageId page, Visit visit);
  static void prefetch(const Row& row, PageId page);
  void set(Row& row, PageId page);
  void clear(Row& row, PageId page);
  void make_bits(Row& row) const;
  void set_group(Row& row, std::size_t group, std::uint64_t pages) const;
  static void set_bit(Row& row, PageId page);
  static void mark(const Row& row, PageBits& pages);
  // A number takes as much as the bits of 32 pages.
  bool is_crowded(const Row& row) const;

  // The number of a gram's row, made if there is none.
  std::uint32_t made_row_number(Gram gram);
  // 0, an empty one, where no page has it.
  std::uint32_t row_number(Gram gram) const {
    const auto& block = blocks_[gram / kBlock];
    return block ? (*block)[gram % kBlock] : 0;
  }

  static constexpr std::size_t kBlock = 512;  // row numbers, made when the first is needed
  std::vector<std::unique_ptr<std::array<std::uint32_t, kBlock>>> blocks_;
  std::deque<Row> rows_;
  std::size_t pages_ = 0;  // the highest number ever, plus one
};

}  // namespace trueque
