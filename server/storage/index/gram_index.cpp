#include "server/storage/index/gram_index.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace trueque {
namespace {

constexpr std::size_t kFewPages = 32;  // not worth a row of bits

// A sixteenth more than needed, where a vector by itself would take twice as much.
std::size_t with_room(std::size_t taken) { return taken + 1 + taken / 16; }

}  // namespace

template <typename GramOf, typename Visit>
void GramIndex::each_row(std::size_t grams, PageId page, GramOf gram_of, Visit visit) {
  std::array<Row*, 32> rows;
  for (std::size_t first = 0; first < grams; first += rows.size()) {
    const std::size_t size = std::min(rows.size(), grams - first);
    for (std::size_t i = 0; i < size; ++i) {
      rows[i] = &rows_[made_row_number(gram_of(first + i))];
      __builtin_prefetch(rows[i]);
    }
    for (std::size_t i = 0; i < size; ++i) prefetch(*rows[i], page);
    for (std::size_t i = 0; i < size; ++i) visit(*rows[i], first + i);
  }
}

template <typename Visit>
void GramIndex::each_row(std::span<const Gram> grams, PageId page, Visit visit) {
  each_row(
      grams.size(), page, [&](std::size_t i) { return grams[i]; },
      [&](Row& row, std::size_t) { visit(row); });
}

void GramIndex::prefetch(const Row& row, PageId page) {
  if (row.pages.empty()) return;
  __builtin_prefetch(row.pages.data() + std::min<std::size_t>(row.is_bits ? page / 32 : SIZE_MAX,
                                                              row.pages.size() - 1));
}

void GramIndex::add(PageId page, const GramSet& grams) {
  pages_ = std::max(pages_, page + std::size_t{1});
  each_row(grams.grams(), page, [&](Row& row) { set(row, page); });
}

void GramIndex::change(PageId page, const GramSet& before, const GramSet& after) {
  pages_ = std::max(pages_, page + std::size_t{1});
  std::vector<Gram> grams;
  const auto only_in = [&grams](const GramSet& set, const GramSet& other) {
    grams.clear();
    std::copy_if(set.grams().begin(), set.grams().end(), std::back_inserter(grams),
                 [&](Gram gram) { return !other.has(gram); });
    return std::span<const Gram>(grams);
  };
  each_row(only_in(before, after), page, [&](Row& row) { clear(row, page); });
  each_row(only_in(after, before), page, [&](Row& row) { set(row, page); });
}

void GramIndex::add_group(std::size_t group, std::span<const GroupGram> grams) {
  const auto first = static_cast<PageId>(group * PageBits::kOfAWord);
  each_row(
      grams.size(), first, [&](std::size_t i) { return grams[i].gram; },
      [&](Row& row, std::size_t i) {
        if (row.is_bits) return set_group(row, group, grams[i].pages);
        for (std::uint64_t left = grams[i].pages; left != 0; left &= left - 1)
          set(row, first + static_cast<PageId>(std::countr_zero(left)));
      });
}

void GramIndex::set_group(Row& row, std::size_t group, std::uint64_t pages) const {
  row.pages.reserve(pages_ / 32 + 2);
  row.pages.resize(group * 2 + 2, 0);
  row.pages[group * 2] = static_cast<std::uint32_t>(pages);
  row.pages[group * 2 + 1] = static_cast<std::uint32_t>(pages >> 32U);
}

void GramIndex::shrink() {
  for (Row& row : rows_) row.pages.shrink_to_fit();
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
