// Which pages of names (see NamePages) have which grams, so that a search looks only at
// pages that may hold what it wants. A page takes a bit for each gram where the gram is
// frequent, a number where it is rare. Not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/storage/index/name_grams.h"

namespace trueque {

using PageId = std::uint32_t;

// A bit for each page.
class PageBits {
 public:
  PageBits(std::size_t pages, bool all) : words_(pages / 64 + 1, all ? ~std::uint64_t{0} : 0) {}

  bool has(PageId page) const { return (words_[page / 64] >> page % 64 & 1U) != 0; }
  void set(PageId page) { words_[page / 64] |= std::uint64_t{1} << page % 64; }
  PageBits& operator&=(const PageBits& other);
  bool any() const;
  std::size_t count() const;
  std::vector<std::uint64_t>& words() { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

class GramIndex {
 public:
  GramIndex() : blocks_(GramSet::kGrams / kBlock), rows_(1) {}

  // The page has the grams of one more name.
  void add(PageId page, std::string_view searchable_name);
  // The page had these grams, or some of them, and has those instead.
  void change(PageId page, const GramSet& before, const GramSet& after);

  // Room for the pages there are.
  PageBits all_pages() const { return {pages_, true}; }
  // Leaves only pages that have all the grams; that have one of them.
  void keep_with_all(std::span<const Gram> grams, PageBits& pages) const;
  void keep_with_any(std::span<const Gram> grams, PageBits& pages) const;

 private:
  // The pages that have a gram: in ascending order, or, where they are many, bits.
  struct Row {
    std::vector<std::uint32_t> pages;
    bool is_bits = false;
  };

  void set(Row& row, PageId page);
  void clear(Row& row, PageId page);
  void make_bits(Row& row) const;
  static void set_bit(Row& row, PageId page);
  static void mark(const Row& row, PageBits& pages);

  Row& row_of(Gram gram);

  // The number of a gram's row; 0, an empty one, where no page has it.
  std::uint32_t row_number(Gram gram) const {
    const auto& block = blocks_[gram / kBlock];
    return block ? (*block)[gram % kBlock] : 0;
  }

  static constexpr std::size_t kBlock = 512;  // row numbers, made when the first is needed
  std::vector<std::unique_ptr<std::array<std::uint32_t, kBlock>>> blocks_;
  std::deque<Row> rows_;
  std::size_t pages_ = 0;  // the highest number ever, plus one
  GramSet of_name_;        // used by add()
};

}  // namespace trueque
