// NamePages of very many names at once.
#include <algorithm>

#include "server/storage/index/gram_builder.h"
#include "server/storage/index/name_pages.h"

namespace trueque {
namespace {

constexpr std::size_t kBuiltNames = 56;        // in a page at first: others will come
constexpr std::size_t kEnoughNames = 4'096;    // to tell which grams are frequent
constexpr std::size_t kCountedNames = 65'536;  // of all, to learn which grams are frequent

}  // namespace

void NamePages::build(std::span<const NameId> names, std::span<const std::uint8_t> levels) {
  pages_.clear();  // empty ones
  free_pages_.clear();
  if (names.size() >= kEnoughNames) deal_masks(names);
  GramBuilder grams(grams_, (names.size() + kBuiltNames - 1) / kBuiltNames);
  for (std::size_t first = 0; first < names.size(); first += kBuiltNames) {
    const std::size_t size = std::min(names.size() - first, kBuiltNames);
    build_page(names.subspan(first, size), levels.subspan(first, size), grams);
  }
  grams.finish();
}

void NamePages::build_page(std::span<const NameId> names, std::span<const std::uint8_t> levels,
                           GramBuilder& grams) {
  for (const NameId name : names) names_.prefetch(name);
  const PageId id = new_page();
  order_.push_back(id);
  Page& page = pages_[id];
  NameMasks::OfAPage masks{};
  after_.clear();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    page.names[slot] = names[slot];
    page.levels[slot] = levels[slot];
    page.note(levels[slot]);
    ++counts_[SourceLevel::without_mark(levels[slot])];
    names_.links(names[slot]).page = id;
    const std::string_view searchable = names_.searchable(names[slot], room_);
    after_.insert_all_of(searchable);
    masks_.mark(searchable, slot, masks);
  }
  page.size = static_cast<std::uint8_t>(names.size());
  masks_.set(id, masks);
  for (const Gram gram : after_.grams()) grams.add(id, gram);
}

// Some of the names tell well enough which grams are frequent.
void NamePages::deal_masks(std::span<const NameId> names) {
  std::vector<std::uint32_t> counts(NameMasks::kKinds);
  const std::size_t step = names.size() / kCountedNames + 1;
  for (std::size_t i = 0; i < names.size(); i += step) {
    each_gram_of_masks(names_.searchable(names[i], room_),
                       [&](Gram gram) { ++counts[NameMasks::kind_of(gram)]; });
  }
  masks_.deal(counts);
}

}  // namespace trueque
