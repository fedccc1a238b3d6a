#include "peer_client/core/file_finder.h"

#include <algorithm>

#include "common/base/file_name.h"
#include "common/base/text.h"
#include "peer_client/core/selection.h"

namespace trueque {
namespace {

constexpr std::uint32_t kNearNames = 10;

bool answers(const std::string& found, const std::string& wanted) {
  return found == wanted || last_component(found) == wanted;
}

}  // namespace

Error no_file_name(const std::string& typed, const Error& why) {
  constexpr std::size_t kShown = 100;
  const std::string_view start = first_bytes(typed, kShown);
  return make_error(Code::kInvalidArgument,
                    "the name '" + std::string(start) + (start.size() < typed.size() ? "..." : "") +
                        "' " + why.message + "; give it as 'peer-client search' shows it");
}

Error FileFinder::nobody(const std::string& name) const {
  return make_error(Code::kNotFound,
                    (from_.empty() ? "nobody shares " : from_ + " does not share ") + name);
}

Error FileFinder::nobody(const std::string& name, const ContentId& content) const {
  const std::string what = "the content " + content.hex();
  const std::string whatever = name.empty() ? what : what + ", as " + name + " or by another name";
  return nobody(whatever);
}

Result<std::vector<FileChoice>> FileFinder::find(const std::string& name,
                                                 const std::optional<ContentId>& content) {
  const Result<Login> login = session_.require_login();
  if (!login) return login.error();
  const Status valid = validate_file_name(name);
  if (!valid && !(content && name.empty())) return no_file_name(name, valid.error());
  if (content && !login->original_directory()) return by_content(name, *content);
  Result<std::vector<FileChoice>> choices = by_name(name);
  if (!choices) return choices.error();
  if (content)
    std::erase_if(*choices, [&](const FileChoice& each) { return each.content != content; });
  if (choices->empty()) return content ? nobody(name, *content) : nobody(name);
  return choices;
}

Result<std::vector<FileChoice>> FileFinder::by_name(const std::string& name) {
  Result<std::vector<FileSource>> rows = session_.find_by_name(name);
  if (!rows && rows.error().code == Code::kNotFound) return nobody(name);
  if (!rows) return rows.error();
  std::erase_if(
      *rows, [&](const FileSource& row) { return !answers(row.file.name, name) || !is_from(row); });
  if (rows->empty()) return nobody(name);
  std::vector<FileChoice> choices = group_by_content(*rows, name);
  if (choices.size() == 1) complete(choices.front());
  return choices;
}

void FileFinder::complete(FileChoice& choice) {
  if (!choice.content) return;
  if (const auto more = session_.find_by_content(*choice.content)) add_sources(choice, *more);
}

Result<std::vector<FileChoice>> FileFinder::by_content(const std::string& name,
                                                       const ContentId& content) {
  const Result<std::vector<FileSource>> rows = session_.find_by_content(content);
  if (!rows && rows.error().code == Code::kNotFound) return nobody(name, content);
  if (!rows) return rows.error();
  std::vector<FileChoice> choices = group_by_content(*rows, name);
  std::erase_if(choices, [&](const FileChoice& each) { return each.content != content; });
  const bool theirs = std::any_of(rows->begin(), rows->end(),
                                  [this](const FileSource& row) { return is_from(row); });
  if (choices.empty() || !theirs) return nobody(name, content);
  if (name.empty()) return choices;
  // The listed one the name asked for is the end of, or that name; a pattern is no name.
  FileChoice& choice = choices.front();
  const bool listed = std::any_of(rows->begin(), rows->end(),
                                  [&](const FileSource& row) { return row.file.name == name; });
  const auto longer = std::find_if(rows->begin(), rows->end(), [&](const FileSource& row) {
    return last_component(row.file.name) == name && validate_file_name(row.file.name);
  });
  if (!listed && longer != rows->end()) {
    choice.file_name = longer->file.name;
  } else if (listed || NameKind::of(name).kind == NameKind::Kind::kExact) {
    choice.file_name = name;
  }
  return choices;
}

std::vector<std::string> FileFinder::near_names(const std::string& name) {
  std::vector<std::string> names;
  const std::string folder = is_folder(name) ? name + "/" : std::string();
  const std::string stem(last_component(name));
  for (const std::string& words : {name, stem.substr(0, stem.find('.'))}) {
    if (words.empty() || !names.empty()) continue;
    const Result<SearchPage> page = session_.search(words, kNearNames, "");
    if (!page) break;
    for (const SearchHit& hit : page->files) {
      // What is below the folder comes with it.
      const bool below = !folder.empty() && hit.file.name.starts_with(folder);
      const bool known = std::find(names.begin(), names.end(), hit.file.name) != names.end();
      // The very name is there too where one person alone was asked for it.
      if (below || known || hit.file.name == name || names.size() == kNearNames) continue;
      names.push_back(hit.file.name);
    }
  }
  if (!folder.empty()) names.insert(names.begin(), folder);
  return names;
}

bool FileFinder::is_folder(const std::string& name) {
  if (!validate_file_name(name)) return false;
  FileQuery query;
  query.folder = name;
  query.limit = 1;
  bool any = false;
  const Status asked = session_.find_files(query, [&](const std::vector<FoundFile>& page) {
    any = !page.empty();
    return false;
  });
  return asked && any;
}

}  // namespace trueque
