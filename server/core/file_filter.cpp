#include "server/core/file_filter.h"

#include "common/base/file_name.h"
#include "common/base/text.h"

namespace trueque {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// What of a literal stays as it is (but for case) in the searchable form of any name
// that holds it: its stretches of ASCII without blanks. A character may melt into one
// with a mark that follows ("e" and U+0301 to "é"), so that the last of a stretch
// counts only where ASCII or nothing follows.
void append_words(const Glob::Literal& literal, std::vector<std::string>& words) {
  std::string word;
  const auto end_word = [&](bool may_melt) {
    if (may_melt && !word.empty()) word.pop_back();
    if (!word.empty()) words.push_back(search_fold(word));
    word.clear();
  };
  for (const char c : literal.text) {
    if (is_ascii(c) && c != ' ') {
      word.push_back(c);
    } else {
      end_word(c != ' ');
    }
  }
  end_word(!literal.at_end);
}

}  // namespace

Result<FileFilter> FileFilter::make(const FileQuery& query) {
  FileFilter filter;
  filter.names_.insert(query.names.begin(), query.names.end());
  filter.contents_.insert(query.content_ids.begin(), query.content_ids.end());
  filter.peer_name_ = query.peer_name;
  if (!query.folder.empty()) filter.folder_ = query.folder + "/";
  filter.prefix_ = filter.folder_;
  if (query.pattern.empty()) return filter;
  Result<Glob> pattern = Glob::parse(query.pattern);
  if (!pattern)
    return make_error(pattern.error().code, "'pattern' " + pattern.error().message + ".");
  // When neither begins with the other nothing is taken, and either prefix will do.
  if (pattern->prefix().size() > filter.prefix_.size()) filter.prefix_ = pattern->prefix();
  for (const Glob::Literal& literal : pattern->literals()) append_words(literal, filter.words_);
  filter.pattern_ = *std::move(pattern);
  return filter;
}

bool FileFilter::takes_place(std::string_view name, std::uint64_t& steps) const {
  return name.starts_with(folder_) && (!pattern_ || pattern_->matches_name(name, steps));
}

bool FileFilter::takes_name(std::string_view name) const {
  if (!is_about_names_or_contents()) return true;
  if (names_.empty()) return false;
  return names_.contains(std::string(name)) || names_.contains(std::string(last_component(name)));
}

bool FileFilter::takes_content(const std::optional<Content>& content) const {
  if (!is_about_names_or_contents()) return true;
  return content && contents_.contains(content->id);
}

}  // namespace trueque
