#include "server/storage/index/name_pages.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace trueque {
namespace {

constexpr std::size_t kStepsOfADoubling = 4;  // levels between n and 2n sources
constexpr std::size_t kFewNames = 48;         // pages that have no more between them are joined
// So many names that come side by side are taken for the beginning of more.
constexpr std::size_t kLongRun = NamePages::kMost / 4;
// So many names fewer than a page has, the next one takes some of them.
constexpr std::size_t kMuchRoom = 12;

}  // namespace

std::uint8_t SourceLevel::of(std::size_t sources) {
  if (sources <= kExact) return static_cast<std::uint8_t>(sources);
  const auto doublings = static_cast<std::size_t>(std::bit_width(sources)) - 7;  // of 64
  const std::size_t step = (sources >> (doublings + 4)) % kStepsOfADoubling;
  const std::size_t level = kExact + 1 + doublings * kStepsOfADoubling + step;
  return static_cast<std::uint8_t>(std::min<std::size_t>(level, kHighest));
}

void NamePages::Page::note(std::uint8_t level) {
  highest = std::max(highest, SourceLevel::without_mark(level));
  has_several = has_several || level >= SourceLevel::kSeveral;
}

std::size_t SourceLevel::most(std::uint8_t level) {
  if (level <= kExact) return level;
  if (level == kHighest) return std::numeric_limits<std::size_t>::max();
  const std::size_t steps = level - kExact - 1U;
  const std::size_t doublings = steps / kStepsOfADoubling;
  return ((kStepsOfADoubling + steps % kStepsOfADoubling + 1) << (doublings + 4)) - 1;
}

// The page in which a name with this text is, or would be.
std::size_t NamePages::page_before(std::string_view text) const {
  const auto after = std::upper_bound(order_.begin() + 1, order_.end(), text,
                                      [this](std::string_view wanted, PageId page) {
                                        return wanted < names_.text(pages_[page].names[0]);
                                      });
  return static_cast<std::size_t>(after - order_.begin()) - 1;
}

std::size_t NamePages::slot_before(const Page& page, std::string_view text) const {
  const auto end = page.names.begin() + page.size;
  const auto place = std::lower_bound(
      page.names.begin(), end, text,
      [this](NameId name, std::string_view wanted) { return names_.text(name) < wanted; });
  return static_cast<std::size_t>(place - page.names.begin());
}

std::size_t NamePages::slot_of(const Page& page, NameId name) {
  return static_cast<std::size_t>(
      std::find(page.names.begin(), page.names.begin() + page.size, name) - page.names.begin());
}

PageId NamePages::new_page() {
  if (free_pages_.empty()) {
    pages_.grow();
    masks_.clear(static_cast<PageId>(pages_.size() - 1));
    return static_cast<PageId>(pages_.size() - 1);
  }
  const PageId id = free_pages_.back();
  free_pages_.pop_back();
  pages_[id] = Page();
  masks_.clear(id);
  return id;
}

PageId NamePages::open_page(std::size_t place) {
  const PageId id = new_page();
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), id);
  return id;
}

void NamePages::insert(std::span<const NameId> names, std::span<const std::uint8_t> levels,
                       const std::function<void()>& pause) {
  while (!names.empty()) {
    const std::size_t inserted = insert_first(names, levels);
    names = names.subspan(inserted);
    levels = levels.subspan(inserted);
    pause();
  }
}

// Those of the names that belong before the same name, as far as a page has room for them.
// None when a page had to be divided first.
std::size_t NamePages::insert_first(std::span<const NameId> names,
                                    std::span<const std::uint8_t> levels) {
  const std::string_view text = names_.text(names.front());
  const std::size_t place = order_.empty() ? 0 : page_before(text);
  if (order_.empty()) open_page(0);
  const Page& page = pages_[order_[place]];
  const std::size_t slot = slot_before(page, text);
  const std::size_t room = kMost - page.size;
  std::size_t size = run_at(place, slot, names);
  PageId id = order_[place];
  std::size_t at = slot;
  if (size > room) {
    // Names often come in their order: then the page is filled, and the next begins.
    const bool is_behind = slot == page.size;
    if (is_behind && room > 0) {
      size = room;
    } else if (is_behind || slot == 0) {
      id = open_page(is_behind ? place + 1 : place);
      at = 0;
    } else {
      if (size > kLongRun) {
        split(place, slot);
      } else if (!even_out(place)) {
        split(place, page.size / 2U);
      }
      return 0;
    }
  }
  put(id, at, names.first(size), levels.first(size));
  return size;
}

// How many of the names belong before the name in the slot.
std::size_t NamePages::run_at(std::size_t place, std::size_t slot,
                              std::span<const NameId> names) const {
  const std::size_t most = std::min(names.size(), kMost);
  const Page* page = &pages_[order_[place]];
  if (slot == page->size) {
    if (place + 1 == order_.size()) return most;
    page = &pages_[order_[place + 1]];
    slot = 0;
  }
  const std::string_view end = names_.text(page->names[slot]);
  std::size_t size = 1;
  while (size < most && names_.text(names[size]) < end) ++size;
  return size;
}

void NamePages::put(PageId id, std::size_t slot, std::span<const NameId> names,
                    std::span<const std::uint8_t> levels) {
  Page& page = pages_[id];
  const auto insert = [&](auto& array, auto values) {
    std::copy_backward(array.begin() + slot, array.begin() + page.size,
                       array.begin() + page.size + names.size());
    std::copy(values.begin(), values.end(), array.begin() + slot);
  };
  insert(page.names, names);
  insert(page.levels, levels);
  page.size = static_cast<std::uint8_t>(page.size + names.size());
  NameMasks::OfAPage masks{};
  after_.clear();
  for (std::size_t i = 0; i < names.size(); ++i) {
    page.note(levels[i]);
    ++counts_[SourceLevel::without_mark(levels[i])];
    names_.links(names[i]).page = id;
    const std::string_view searchable = names_.searchable(names[i], room_);
    masks_.mark(searchable, i, masks);
    after_.insert_all_of(searchable);
  }
  masks_.insert(id, slot, names.size(), masks);
  grams_.add(id, after_);
}

// Takes out the names from a slot on.
NamePages::Names NamePages::take(PageId id, std::size_t first) {
  Page& page = pages_[id];
  Names taken{{page.names.begin() + first, page.names.begin() + page.size},
              {page.levels.begin() + first, page.levels.begin() + page.size}};
  for (const std::uint8_t level : taken.levels) --counts_[SourceLevel::without_mark(level)];
  collect(page, first, page.size, before_);
  collect(page, 0, first, after_);
  grams_.change(id, before_, after_);  // those the others have stay
  masks_.truncate(id, first);
  page.size = static_cast<std::uint8_t>(first);
  return taken;
}

void NamePages::collect(const Page& page, std::size_t first, std::size_t end, GramSet& grams) {
  grams.clear();
  for (std::size_t slot = first; slot < end; ++slot)
    grams.insert_all_of(names_.searchable(page.names[slot], room_));
}

// The names from a slot on go to a page of their own.
void NamePages::split(std::size_t place, std::size_t first_moved) {
  const Names moved = take(order_[place], first_moved);
  put(open_page(place + 1), 0, moved.names, moved.levels);
}

// The last names go to the next page, when that has much room.
bool NamePages::even_out(std::size_t place) {
  if (place + 1 == order_.size()) return false;
  const std::size_t size = pages_[order_[place]].size, next_size = pages_[order_[place + 1]].size;
  if (next_size + kMuchRoom > size) return false;
  const Names moved = take(order_[place], (size + next_size) / 2);
  put(order_[place + 1], 0, moved.names, moved.levels);
  return true;
}

void NamePages::set_level(NameId name, std::uint8_t level) {
  Page& page = pages_[names_.links(name).page];
  std::uint8_t& mine = page.levels[slot_of(page, name)];
  --counts_[SourceLevel::without_mark(mine)];
  ++counts_[SourceLevel::without_mark(level)];
  mine = level;
  page.note(level);
}

std::uint8_t NamePages::level(NameId name) const {
  const Page& page = pages_[names_.links(name).page];
  return page.levels[slot_of(page, name)];
}

void NamePages::sweep_next(const std::function<void(NameId)>& forget) {
  if (order_.empty()) return;
  if (next_to_sweep_ >= order_.size()) next_to_sweep_ = 0;
  const std::size_t place = next_to_sweep_++;
  remove_idle(order_[place], forget);
  if (pages_[order_[place]].size > 0) {
    if (place > 0) join_with_former(place);
    return;
  }
  free_pages_.push_back(order_[place]);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(place));
  next_to_sweep_ = place;
}

void NamePages::remove_idle(PageId id, const std::function<void(NameId)>& forget) {
  Page& page = pages_[id];
  collect(page, 0, page.size, before_);
  std::size_t kept = 0;
  page.highest = 0;
  page.has_several = false;
  for (std::size_t slot = 0; slot < page.size; ++slot) {
    if (page.levels[slot] == 0) {
      --counts_[0];
      masks_.erase(id, kept);
      forget(page.names[slot]);
      continue;
    }
    page.note(page.levels[slot]);
    page.levels[kept] = page.levels[slot];
    page.names[kept++] = page.names[slot];
  }
  if (kept == page.size) return;
  page.size = static_cast<std::uint8_t>(kept);
  collect(page, 0, kept, after_);
  grams_.change(id, before_, after_);
}

void NamePages::join_with_former(std::size_t place) {
  const PageId id = order_[place];
  const PageId former_id = order_[place - 1];
  const std::size_t former_size = pages_[former_id].size;
  if (pages_[id].size + former_size > kFewNames) return;
  const Names moved = take(id, 0);
  put(former_id, former_size, moved.names, moved.levels);
  free_pages_.push_back(id);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(place));
  next_to_sweep_ = place;
}

NamePages::Place NamePages::lower_bound(std::string_view text) const {
  if (order_.empty()) return {};
  const std::size_t page = page_before(text);
  Place place{page, slot_before(pages_[order_[page]], text)};
  if (place.slot == pages_[order_[page]].size) place = {page + 1, 0};
  return place;
}

void NamePages::advance(Place& place) const {
  if (++place.slot < pages_[order_[place.page]].size) return;
  ++place.page;
  place.slot = 0;
}

}  // namespace trueque
