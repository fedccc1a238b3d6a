#include "server/storage/index/name_masks.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace trueque {
namespace {

NameMasks::Mask below(std::size_t slot) {
  return slot < 64 ? (NameMasks::Mask{1} << slot) - 1 : ~NameMasks::Mask{0};
}

}  // namespace

void NameMasks::deal(const std::vector<std::uint32_t>& counts) {
  std::vector<std::size_t> kinds;
  row_of_.resize(kKinds);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    row_of_[kind] = static_cast<RowNumber>(kOwnRows + kind % (kRows - kOwnRows));
    if (counts[kind] > 0) kinds.push_back(kind);
  }
  std::sort(kinds.begin(), kinds.end(), [&](std::size_t left, std::size_t right) {
    return counts[left] != counts[right] ? counts[left] > counts[right] : left < right;
  });
  const std::size_t own = std::min(kOwnRows, kinds.size());
  for (std::size_t row = 0; row < own; ++row) row_of_[kinds[row]] = static_cast<RowNumber>(row);
  // The most frequent one that is left goes to the emptiest row.
  using Load = std::pair<std::uint64_t, std::size_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> rows;
  for (std::size_t row = kOwnRows; row < kRows; ++row) rows.push({0, row});
  for (const std::size_t kind : std::span(kinds).subspan(own)) {
    const auto [load, row] = rows.top();
    rows.pop();
    row_of_[kind] = static_cast<RowNumber>(row);
    rows.push({load + counts[kind], row});
  }
}

template <typename Change>
void NameMasks::each_row(PageId page, Change change) {
  Group& group = *groups_[page / kPagesOfAGroup];
  for (std::size_t row = 0; row < kRows; ++row) change(row, group[row][page % kPagesOfAGroup]);
}

void NameMasks::clear(PageId page) {
  while (groups_.size() <= page / kPagesOfAGroup) groups_.push_back(std::make_unique<Group>());
  each_row(page, [](std::size_t, Mask& mask) { mask = 0; });
}

void NameMasks::set(PageId page, const OfAPage& masks) {
  each_row(page, [&](std::size_t row, Mask& mask) { mask = masks[row]; });
}

void NameMasks::insert(PageId page, std::size_t slot, std::size_t count, const OfAPage& masks) {
  const Mask before = below(slot);
  each_row(page, [&](std::size_t row, Mask& mask) {
    const Mask behind = mask & ~before;
    if (behind != 0) mask = (mask & before) | behind << count;
    if (masks[row] != 0) mask |= masks[row] << slot;
  });
}

void NameMasks::erase(PageId page, std::size_t slot) {
  const Mask before = below(slot);
  each_row(page, [&](std::size_t, Mask& mask) { mask = (mask & before) | (mask >> 1 & ~before); });
}

void NameMasks::truncate(PageId page, std::size_t first) {
  each_row(page, [&](std::size_t, Mask& mask) { mask &= below(first); });
}

}  // namespace trueque
