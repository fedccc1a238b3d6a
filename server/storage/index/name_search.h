// One page of a search. Grams and masks (see NameFilter) tell which names may be hits. When
// they are few, all are looked at. When they are many, the search goes as hits go: by rank,
// then by sources, then by name, and ends as soon as nothing better can follow, so that
// a frequent word costs about as much as the page it fills. Made for one page; the index
// must not change meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/core/directory_repository.h"
#include "server/core/search_query.h"
#include "server/storage/index/best_hits.h"
#include "server/storage/index/file_index.h"
#include "server/storage/index/name_filter.h"

namespace trueque {

class NameSearch {
 public:
  // References must outlive it.
  NameSearch(const FileIndex& index, const SearchRequest& request);

  std::vector<RankedHit> run();

  // The names that are not idle and hold all the words; nothing when that means to look at more
  // than `most`, or there are no words.
  static std::optional<std::vector<NameId>> names_with(const FileIndex& index,
                                                       const std::vector<std::string>& words,
                                                       std::size_t most);

 private:
  // Names with so many sources, of the levels from `lowest` to `highest`.
  struct Levels {
    std::uint8_t lowest = 0;
    std::uint8_t highest = 0;
  };

  NameFilter filter_for(int rank) const;
  bool look_at_few(NameFilter& filter, std::optional<int> rank);
  void scan(int rank, NameFilter& filter);
  std::optional<Levels> next_levels(std::uint8_t below, std::size_t names) const;
  bool may_have_better(std::uint8_t level) const;
  std::size_t first_page(int rank, Levels levels) const;
  void scan_levels(int rank, NameFilter& filter, Levels levels);
  void add_to_lot(PageId page, std::uint64_t slots);
  void visit_lot(std::optional<int> rank);
  std::uint64_t slots_at(const NamePages::Page& page, int rank, Levels levels) const;
  void visit(NameId name, std::optional<int> wanted);

  const FileIndex& index_;
  const SearchRequest& request_;
  const SearchQuery query_;
  const int first_rank_;
  NameFilter with_words_;  // of names that may hold all words
  BestHits best_;
  std::vector<NameId> lot_;  // to be visited
  std::string room_;         // for searchable forms
};

}  // namespace trueque
