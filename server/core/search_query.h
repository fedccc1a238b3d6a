// How a search reads its words and in which order it answers; every repository
// that searches follows this. Immutable, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/directory_repository.h"

namespace trueque {

// The form names and queries are compared in: case folded, one blank between words.
std::string searchable_form(std::string_view name);

class SearchQuery {
 public:
  explicit SearchQuery(std::string_view text);

  // All of it in searchable form.
  const std::string& whole() const { return whole_; }
  // Folded, each once, the longest first.
  const std::vector<std::string>& words() const { return words_; }

  // How well a name in its searchable form answers, 0 being best: 0 the whole
  // name, 1 a prefix, 2 each word at the start of a word, 3 inside a word.
  // Nothing when a word does not occur in it.
  std::optional<int> rank(std::string_view searchable_name) const;

 private:
  std::string whole_;
  std::vector<std::string> words_;
};

// The total order of hits: rank, then more sources, then name, then content.
bool comes_before(const SearchPosition& left, const SearchPosition& right);

SearchPosition position_of(const RankedHit& hit);

}  // namespace trueque
