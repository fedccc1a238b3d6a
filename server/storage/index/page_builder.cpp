#include "server/storage/index/page_builder.h"

#include <algorithm>
#include <utility>

namespace trueque {

std::vector<GroupGram> PageBuilder::build(std::size_t group, std::span<const NameId> names,
                                          std::span<const std::uint8_t> levels) {
  auto page = static_cast<PageId>(group * PageBits::kOfAWord);
  for (std::size_t first = 0; first < names.size(); first += kNamesOfAPage) {
    const std::size_t size = std::min(names.size() - first, kNamesOfAPage);
    build_page(page++, names.subspan(first, size), levels.subspan(first, size));
  }
  std::vector<GroupGram> grams;
  grams.reserve(of_group_.size());
  for (const Gram gram : of_group_) grams.push_back({gram, std::exchange(words_[gram], 0)});
  of_group_.clear();
  return grams;
}

void PageBuilder::build_page(PageId id, std::span<const NameId> names,
                             std::span<const std::uint8_t> levels) {
  NamePages::Page& page = pages_[id];
  NameMasks::OfAPage masks{};
  of_page_.clear();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    page.names[slot] = names[slot];
    page.levels[slot] = levels[slot];
    page.note(levels[slot]);
    store_.links(names[slot]).page = id;
    const std::string_view searchable = store_.searchable(names[slot], room_);
    masks_.mark(searchable, slot, masks);
    of_page_.insert_all_of(searchable);
  }
  page.size = static_cast<std::uint8_t>(names.size());
  masks_.set(id, masks);
  for (const Gram gram : of_page_.grams()) {
    if (words_[gram] == 0) of_group_.push_back(gram);
    words_[gram] |= std::uint64_t{1} << id % PageBits::kOfAWord;
  }
}

}  // namespace trueque
