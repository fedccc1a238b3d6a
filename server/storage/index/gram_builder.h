// Fills an empty GramIndex page by page, at a fraction of what adding names one by one
// costs: 64 pages are gathered as one word a gram before they go where they stay.
// Not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "server/storage/index/gram_index.h"

namespace trueque {

class GramBuilder {
 public:
  // The reference must outlive it; `pages` are to come.
  GramBuilder(GramIndex& index, std::size_t pages);

  // The page has the gram. Pages come in ascending order.
  void add(PageId page, Gram gram) {
    if (page / PageBits::kOfAWord != group_) begin_group(page);
    const std::uint32_t row = index_.made_row_number(gram);
    if (row >= words_.size()) words_.resize(row * 2 + 1, 0);
    if (words_[row] == 0) touched_.push_back(row);
    words_[row] |= std::uint64_t{1} << page % PageBits::kOfAWord;
  }
  // When all are there.
  void finish();

 private:
  void begin_group(PageId page);
  void hand_over();
  void set_word(GramIndex::Row& row, std::uint64_t pages) const;

  GramIndex& index_;
  std::uint32_t group_ = 0;
  std::vector<std::uint64_t> words_;  // by row, of this group of 64 pages
  std::vector<std::uint32_t> touched_;
};

}  // namespace trueque
