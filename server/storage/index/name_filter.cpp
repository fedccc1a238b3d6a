#include "server/storage/index/name_filter.h"

#include <algorithm>
#include <bit>

namespace trueque {
namespace {

constexpr std::size_t kPages = PageBits::kOfAWord;
constexpr int kFewPages = 12;  // of 64: looked up one by one

std::string_view first_bytes(std::string_view text) { return text.substr(0, kLongestGram); }

}  // namespace

NameFilter::NameFilter(const NamePages& names)
    : names_(names),
      pages_(names.grams().all_pages()),
      room_(names.grams().no_pages()),
      is_filled_(pages_.words().size(), false) {}

NameFilter::NameFilter(const NameFilter& wider)
    : names_(wider.names_),
      pages_(wider.pages_),
      room_(names_.grams().no_pages()),
      rows_(wider.rows_),
      is_filled_(pages_.words().size(), false) {}

void NameFilter::want_text(std::string_view text) {
  const std::string_view bytes = first_bytes(text);
  const Gram first[] = {gram_of(GramPlace::kWordStart, bytes), gram_of(GramPlace::kInside, bytes)};
  want_pages(first);
  want_rest_of(text);
}

void NameFilter::want_word_start(std::string_view text) {
  want_pages(GramPlace::kWordStart, first_bytes(text));
  want_rest_of(text);
}

void NameFilter::want_name_start(std::string_view text) {
  want_pages(GramPlace::kNameStart, first_bytes(text));
  want_rest_of(text);
}

void NameFilter::want_length(std::size_t bytes) {
  const Gram length = gram_of_length(bytes);
  want_pages({&length, 1});
  want_row_of(length);
}

void NameFilter::want_inside(const std::vector<std::string>& words) {
  std::vector<Gram> grams;
  for (const std::string& word : words)
    grams.push_back(gram_of(GramPlace::kInside, first_bytes(word)));
  want_pages(grams);
}

void NameFilter::want_pages(std::span<const Gram> any_of) {
  names_.grams().keep_with_any(any_of, pages_, room_);
}

void NameFilter::want_pages(GramPlace place, std::string_view bytes) {
  const Gram gram = gram_of(place, bytes);
  want_pages({&gram, 1});
}

void NameFilter::want_row_of(Gram gram) {
  const Row row = names_.masks().row_of(gram);
  if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
}

// The text but for what its first gram tells of a page: the others stand as they do
// whatever comes before the text.
void NameFilter::want_rest_of(std::string_view text) {
  for (std::size_t at = 0; at + kLongestGram <= text.size(); ++at) {
    const std::string_view bytes = text.substr(at, kLongestGram);
    if (at > 0) want_pages(place_within(text, at), bytes);
    want_row_of(gram_of(GramPlace::kAnywhere, bytes));
  }
}

std::span<NameFilter::Slots> NameFilter::of_group(std::size_t group) {
  if (!slots_) slots_ = std::make_unique_for_overwrite<Slots[]>(pages_.words().size() * kPages);
  const std::span<Slots> slots(slots_.get() + group * kPages, kPages);
  if (!is_filled_[group]) fill(group, slots);
  is_filled_[group] = true;
  return slots;
}

void NameFilter::fill(std::size_t group, std::span<Slots> slots) const {
  std::fill(slots.begin(), slots.end(), 0);
  const std::uint64_t pages = pages_.words()[group];
  const auto first = static_cast<PageId>(group * kPages);
  const bool is_few = std::popcount(pages) <= kFewPages;
  for (std::uint64_t left = pages; left != 0; left &= left - 1) {
    const auto page = static_cast<PageId>(std::countr_zero(left));
    slots[page] = is_few ? slots_of(first + page) : all_slots(first + page);
  }
  if (!is_few) narrow_all(group, slots);
}

// Rows have no bits where a page has no names; it is looked at only when there are no rows.
NameFilter::Slots NameFilter::all_slots(PageId page) const {
  return rows_.empty() ? names_.used_slots(page) : ~Slots{0};
}

NameFilter::Slots NameFilter::slots_of(PageId page) const {
  const std::size_t group = page / kPages;
  const auto mask = [&](Row row) { return names_.masks().of_group(group, row)[page % kPages]; };
  Slots slots = all_slots(page);
  for (const Row row : rows_) slots &= mask(row);
  return slots;
}

// All pages of a group at once, row by row.
void NameFilter::narrow_all(std::size_t group, std::span<Slots> slots) const {
  for (const Row row : rows_) {
    const auto masks = names_.masks().of_group(group, row);
    for (std::size_t page = 0; page < kPages; ++page) slots[page] &= masks[page];
  }
}

}  // namespace trueque
