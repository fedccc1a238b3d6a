#include "server/storage/index/gram_index.h"

#include <algorithm>
#include <utility>

namespace trueque {
namespace {

constexpr std::size_t kFewPages = 32;  // not worth a row of bits

// An eighth more than needed, where a vector by itself would take twice as much.
std::size_t with_room(std::size_t taken) { return taken + 1 + taken / 8; }

}  // namespace

void GramIndex::add(PageId page, const GramSet& grams) {
  pages_ = std::max(pages_, page + std::size_t{1});
  for (const Gram gram : grams.grams()) set(rows_[made_row_number(gram)], page);
}

void GramIndex::change(PageId page, const GramSet& before, const GramSet& after) {
  pages_ = std::max(pages_, page + std::size_t{1});
  for (const Gram gram : before.grams()) {
    if (!after.has(gram)) clear(rows_[made_row_number(gram)], page);
  }
  for (const Gram gram : after.grams()) {
    if (!before.has(gram)) set(rows_[made_row_number(gram)], page);
  }
}

std::uint32_t GramIndex::made_row_number(Gram gram) {
  auto& block = blocks_[gram / kBlock];
  if (!block) block = std::make_unique<std::array<std::uint32_t, kBlock>>();
  std::uint32_t& number = (*block)[gram % kBlock];
  if (number == 0) {
    number = static_cast<std::uint32_t>(rows_.size());
    rows_.emplace_back();
  }
  return number;
}

bool GramIndex::is_crowded(const Row& row) const {
  return row.pages.size() > kFewPages + pages_ / 32;
}

void GramIndex::set(Row& row, PageId page) {
  if (row.is_bits) {
    set_bit(row, page);
    return;
  }
  auto place = row.pages.end();
  if (!row.pages.empty() && row.pages.back() >= page)
    place = std::lower_bound(row.pages.begin(), row.pages.end(), page);
  if (place != row.pages.end() && *place == page) return;
  const auto before = place - row.pages.begin();
  if (row.pages.size() == row.pages.capacity()) row.pages.reserve(with_room(row.pages.size()));
  row.pages.insert(row.pages.begin() + before, page);
  if (is_crowded(row)) make_bits(row);
}

void GramIndex::clear(Row& row, PageId page) {
  if (row.is_bits) {
    if (page / 32 < row.pages.size()) row.pages[page / 32] &= ~(1U << page % 32);
    return;
  }
  const auto place = std::lower_bound(row.pages.begin(), row.pages.end(), page);
  if (place != row.pages.end() && *place == page) row.pages.erase(place);
}

void GramIndex::make_bits(Row& row) const {
  const std::vector<std::uint32_t> numbers = std::exchange(row.pages, {});
  row.is_bits = true;
  for (const std::uint32_t page : numbers) set_bit(row, page);
}

void GramIndex::set_bit(Row& row, PageId page) {
  const std::size_t word = page / 32;
  if (word >= row.pages.size()) {
    if (word >= row.pages.capacity()) row.pages.reserve(with_room(word));
    row.pages.resize(word + 1, 0);
  }
  row.pages[word] |= 1U << page % 32;
}

void GramIndex::mark(const Row& row, PageBits& pages) {
  if (!row.is_bits) {
    for (const PageId page : row.pages) pages.set(page);
    return;
  }
  std::vector<std::uint64_t>& words = pages.words();
  for (std::size_t i = 0; i < row.pages.size(); ++i)
    words[i / 2] |= std::uint64_t{row.pages[i]} << i % 2 * 32;
}

void GramIndex::keep_with_any(std::span<const Gram> grams, PageBits& pages, PageBits& room) const {
  room.clear();
  for (const Gram gram : grams) mark(rows_[row_number(gram)], room);
  pages &= room;
}

}  // namespace trueque
