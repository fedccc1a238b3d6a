// Makes the pages of very many names in their order, a group of 64 pages at a time. Groups
// have nothing to do with each other, so that several builders work side by side, each on
// groups of its own. One builder is one thread's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "server/storage/index/blocks.h"
#include "server/storage/index/gram_index.h"
#include "server/storage/index/name_masks.h"
#include "server/storage/index/name_pages.h"
#include "server/storage/index/name_store.h"

namespace trueque {

class PageBuilder {
 public:
  static constexpr std::size_t kNamesOfAPage = 56;  // others will come
  static constexpr std::size_t kNamesOfAGroup = kNamesOfAPage * PageBits::kOfAWord;

  // References must outlive it.
  PageBuilder(NameStore& names, Blocks<NamePages::Page>& pages, NameMasks& masks)
      : store_(names), pages_(pages), masks_(masks), words_(kGrams) {}

  // Fills the empty pages of a group; gives the grams they have, for GramIndex::add_group().
  std::vector<GroupGram> build(std::size_t group, std::span<const NameId> names,
                               std::span<const std::uint8_t> levels);

 private:
  void build_page(PageId id, std::span<const NameId> names, std::span<const std::uint8_t> levels);

  NameStore& store_;
  Blocks<NamePages::Page>& pages_;
  NameMasks& masks_;
  GramSet of_page_;
  std::vector<std::uint64_t> words_;  // by gram: the pages of the group that have it
  std::vector<Gram> of_group_;
  std::string room_;  // for searchable forms
};

}  // namespace trueque
