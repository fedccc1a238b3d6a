#include "server/storage/index/gram_builder.h"

#include <bit>
#include <utility>

namespace trueque {

GramBuilder::GramBuilder(GramIndex& index, std::size_t pages) : index_(index) {
  index_.pages_ = pages;
}

void GramBuilder::begin_group(PageId page) {
  hand_over();
  group_ = static_cast<std::uint32_t>(page / PageBits::kOfAWord);
}

void GramBuilder::hand_over() {
  const std::uint32_t first = group_ * PageBits::kOfAWord;
  for (const std::uint32_t number : touched_) {
    GramIndex::Row& row = index_.rows_[number];
    const std::uint64_t pages = std::exchange(words_[number], 0);
    if (row.is_bits) {
      set_word(row, pages);
      continue;
    }
    for (std::uint64_t left = pages; left != 0; left &= left - 1)
      index_.set(row, first + static_cast<PageId>(std::countr_zero(left)));
  }
  touched_.clear();
}

void GramBuilder::set_word(GramIndex::Row& row, std::uint64_t pages) const {
  row.pages.reserve(index_.pages_ / 32 + 2);
  row.pages.resize(group_ * std::size_t{2} + 2, 0);
  row.pages[group_ * std::size_t{2}] = static_cast<std::uint32_t>(pages);
  row.pages[group_ * std::size_t{2} + 1] = static_cast<std::uint32_t>(pages >> 32U);
}

void GramBuilder::finish() {
  hand_over();
  for (GramIndex::Row& row : index_.rows_) row.pages.shrink_to_fit();
}

}  // namespace trueque
