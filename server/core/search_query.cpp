#include "server/core/search_query.h"

#include <algorithm>
#include <tuple>

#include "common/base/text.h"

namespace trueque {
namespace {

// Of text in its searchable form.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool occurs_at_word_start(std::string_view name, std::string_view word) {
  for (std::size_t at = name.find(word); at != std::string_view::npos;
       at = name.find(word, at + 1)) {
    if (starts_word(name, at)) return true;
  }
  return false;
}

}  // namespace

std::string searchable_form(std::string_view name) { return single_spaced(search_fold(name)); }

SearchQuery::SearchQuery(std::string_view text)
    : whole_(searchable_form(text)), words_(split_words(whole_)) {
  // The longest word fails soonest, so it is tried first.
  std::sort(words_.begin(), words_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

std::optional<int> SearchQuery::rank(std::string_view searchable_name) const {
  for (const std::string& word : words_) {
    if (searchable_name.find(word) == std::string_view::npos) return std::nullopt;
  }
  if (searchable_name == whole_) return 0;
  if (searchable_name.starts_with(whole_)) return 1;
  const bool at_starts = std::all_of(words_.begin(), words_.end(), [&](const std::string& word) {
    return occurs_at_word_start(searchable_name, word);
  });
  return at_starts ? 2 : 3;
}

bool comes_before(const SearchPosition& left, const SearchPosition& right) {
  // `sources` stands crosswise: the hit with more of them comes first.
  return std::tie(left.rank, right.sources, left.file.name, left.file.content) <
         std::tie(right.rank, left.sources, right.file.name, right.file.content);
}

SearchPosition position_of(const RankedHit& hit) {
  return {hit.rank, hit.hit.sources, hit.hit.file};
}

}  // namespace trueque
