// Which names may have what a search wants, by the grams of what it wants: first the
// pages, then the slots of a page. What it lets through is to be looked at; what it does
// not is out for certain. Made for one search; the index must not change meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/index/name_pages.h"

namespace trueque {

class NameFilter {
 public:
  using Slots = std::uint64_t;

  // Lets all names through; the reference must outlive it.
  explicit NameFilter(const NamePages& names);
  // Wants the same, and may want more.
  NameFilter(const NameFilter& wider);
  NameFilter& operator=(const NameFilter&) = delete;

  // What is wanted of a name, all of it before slots() is called: the text anywhere, at the
  // start of a word, of the name; so many bytes; one of the words inside a word.
  void want_text(std::string_view text);
  void want_word_start(std::string_view text);
  void want_name_start(std::string_view text);
  void want_length(std::size_t bytes);
  void want_inside(const std::vector<std::string>& words);

  const PageBits& pages() const { return pages_; }
  bool may_have(PageId page) const { return pages_.has(page); }
  Slots slots(PageId page) {
    return of_group(page / PageBits::kOfAWord)[page % PageBits::kOfAWord];
  }
  // The slots of 64 pages in a row.
  std::span<Slots> of_group(std::size_t group);

 private:
  using Row = NameMasks::RowNumber;

  // Of pages, and of the names within.
  void want_pages(std::span<const Gram> any_of);
  void want_pages(GramPlace place, std::string_view bytes);
  void want_row_of(Gram gram);
  void want_rest_of(std::string_view text);
  void fill(std::size_t group, std::span<Slots> slots) const;
  Slots all_slots(PageId page) const;
  Slots slots_of(PageId page) const;
  void narrow_all(std::size_t group, std::span<Slots> slots) const;

  const NamePages& names_;
  PageBits pages_;
  PageBits room_;
  std::vector<Row> rows_;           // all of which a name is to be in
  std::unique_ptr<Slots[]> slots_;  // by page, in groups that are filled when asked for
  std::vector<bool> is_filled_;
};

}  // namespace trueque
