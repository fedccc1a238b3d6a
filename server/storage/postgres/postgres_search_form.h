// The forms of a name that the database compares in a search. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace trueque {

struct SearchForm {
  std::string folded;  // searchable_form() of the name
  std::string marked;  // the same with U+0001 before each byte where a word starts
};

SearchForm search_form(std::string_view name);

// What stands in the marked form of a name that has `word` at the start of a word, and of
// no other. The word is in its searchable form.
std::string marked_word(std::string_view word);

// A pattern of LIKE for what holds `word`.
std::string like_pattern(std::string_view word);

}  // namespace trueque
