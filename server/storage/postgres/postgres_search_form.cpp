#include "server/storage/postgres/postgres_search_form.h"

#include "common/base/text.h"
#include "server/core/search_query.h"

namespace trueque {
namespace {

constexpr char kMark = '\1';

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::string marked_word(std::string_view word) {
  std::string marked;
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (begins_code_point(word[at]) && starts_word(word, at)) marked += kMark;
    marked += word[at];
  }
  return marked;
}

SearchForm search_form(std::string_view name) {
  SearchForm form{searchable_form(name), {}};
  form.marked = marked_word(form.folded);
  return form;
}

std::string like_pattern(std::string_view word) {
  std::string pattern = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace trueque
