// NamePages of very many names at once.
#include <algorithm>
#include <numeric>

#include "server/storage/index/in_parallel.h"
#include "server/storage/index/name_pages.h"
#include "server/storage/index/page_builder.h"

namespace trueque {
namespace {

constexpr std::size_t kEnoughNames = 4'096;    // to tell which grams are frequent
constexpr std::size_t kCountedNames = 65'536;  // of all, to learn that
constexpr std::size_t kGroupsAtATime = 8;      // of a worker; what they found takes memory

constexpr std::size_t parts(std::size_t all, std::size_t of_a_part) {
  return (all + of_a_part - 1) / of_a_part;
}

}  // namespace

void NamePages::build(std::span<const NameId> names, const LevelsOf& levels_of,
                      std::size_t workers) {
  if (names.size() >= kEnoughNames) deal_masks(names);
  const std::size_t pages = parts(names.size(), PageBuilder::kNamesOfAPage);
  pages_.clear();  // empty ones
  free_pages_.clear();
  while (pages_.size() < pages) order_.push_back(new_page());
  grams_.expect(pages);
  std::vector<PageBuilder> builders(workers, PageBuilder(names_, pages_, masks_));
  std::vector<std::vector<GroupGram>> grams(workers * kGroupsAtATime);
  const std::size_t groups = parts(names.size(), PageBuilder::kNamesOfAGroup);
  for (std::size_t first = 0; first < groups; first += grams.size()) {
    const std::size_t size = std::min(grams.size(), groups - first);
    in_parallel(workers, size, [&](std::size_t worker, std::size_t i) {
      const std::size_t begin = (first + i) * PageBuilder::kNamesOfAGroup;
      const auto some =
          names.subspan(begin, std::min(PageBuilder::kNamesOfAGroup, names.size() - begin));
      grams[i] = builders[worker].build(first + i, some, levels_of(some));
    });
    for (std::size_t i = 0; i < size; ++i) grams_.add_group(first + i, grams[i]);
  }
  grams_.shrink();
  for (std::size_t id = 0; id < pages; ++id) count(pages_[id]);
}

void NamePages::count(const Page& page) {
  for (std::size_t slot = 0; slot < page.size; ++slot)
    ++counts_[SourceLevel::without_mark(page.levels[slot])];
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
