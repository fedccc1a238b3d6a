#include "peer_client/core/selection.h"

#include <algorithm>
#include <unordered_map>

#include "common/base/file_name.h"
#include "common/base/glob.h"

namespace trueque {
namespace {

constexpr std::size_t kPerRequest = 1000;

bool is_below(const std::string& name, const std::string& folder) {
  return name.size() > folder.size() + 1 && name.starts_with(folder) && name[folder.size()] == '/';
}

Error nobody(const std::string& name, const std::string& from) {
  const bool anyone = from.empty();
  const std::string none = anyone ? "nobody shares a file " : from + " shares no file ";
  switch (NameKind::of(name).kind) {
    case NameKind::Kind::kFolder:
      return make_error(Code::kNotFound, none + "below " + name);
    case NameKind::Kind::kPattern:
      return make_error(Code::kNotFound, none + "like " + name);
    case NameKind::Kind::kExact:
      break;
  }
  if (name.empty())
    return make_error(Code::kNotFound,
                      from + " shares nothing; see with 'peer-client peers' who is there");
  return make_error(Code::kNotFound,
                    (anyone ? "nobody shares " : from + " does not share ") + name);
}

// The directory would say it of its own words for what was typed.
Status check_typed(const std::string& name, const FileQuery& query) {
  if (!query.folder.empty()) {
    const Status valid = validate_file_name(query.folder);
    return valid ? valid : no_file_name(name, valid.error());
  }
  if (query.pattern.empty()) return {};
  const Result<Glob> pattern = Glob::parse(query.pattern);
  if (pattern) return {};
  return make_error(Code::kInvalidArgument,
                    "the pattern '" + name + "' " + pattern.error().message);
}

// A pattern that no file can be called is no name.
bool may_be_exact(const std::string& name) {
  const NameKind::Kind kind = NameKind::of(name).kind;
  return kind == NameKind::Kind::kExact ||
         (kind == NameKind::Kind::kPattern && validate_file_name(name));
}

Error cannot_select() {
  return make_error(Code::kUnimplemented,
                    "this directory cannot list folders, patterns or what a person shares; get "
                    "files by their exact names");
}

}  // namespace

NameKind NameKind::of(const std::string& name) {
  if (name.size() > 1 && name.ends_with('/'))
    return {Kind::kFolder, name.substr(0, name.find_last_not_of('/') + 1)};
  if (name.find_first_of("*?[") != std::string::npos) return {Kind::kPattern, name};
  return {Kind::kExact, name};
}

Result<Selection> Selector::select(const std::vector<std::string>& names) {
  Selection selection;
  seen_.clear();
  if (names.empty()) {
    if (Status status = select_many("", {}, selection); !status) return status.error();
    return selection;
  }
  // What is really called like a pattern is meant first.
  Names exact;
  std::set<std::string> typed;
  for (const std::string& name : names) {
    if (may_be_exact(name) && typed.insert(name).second) exact.push_back(name);
  }
  if (Status status = select_exact(exact, selection); !status) return status.error();
  const std::set<std::string> missing(exact.begin(), exact.end());
  typed.clear();
  for (const std::string& name : names) {
    const NameKind kind = NameKind::of(name);
    const bool open = !may_be_exact(name) || missing.contains(name);
    if (!open || !typed.insert(name).second) continue;
    FileQuery query;
    if (kind.kind == NameKind::Kind::kExact) {
      selection.misses.push_back({name, nobody(name, from_)});
      continue;
    }
    (kind.kind == NameKind::Kind::kFolder ? query.folder : query.pattern) = kind.text;
    if (Status found = select_many(name, std::move(query), selection); !found) return found.error();
  }
  return selection;
}

Status Selector::select_exact(Names& names, Selection& selection) {
  std::erase_if(names, [&](const std::string& name) {
    const Status valid = validate_file_name(name);
    if (valid) return false;
    selection.misses.push_back({name, no_file_name(name, valid.error())});
    return true;
  });
  std::unordered_map<std::string, std::vector<FileSource>> found;
  for (std::size_t first = 0; first < names.size(); first += kPerRequest) {
    FileQuery query;
    query.peer_name = from_;
    const auto end = std::min(names.size(), first + kPerRequest);
    query.names.assign(names.begin() + static_cast<std::ptrdiff_t>(first),
                       names.begin() + static_cast<std::ptrdiff_t>(end));
    const std::set<std::string> wanted(query.names.begin(), query.names.end());
    const Status asked = session_.find_files(query, [&](std::vector<FoundFile> page) {
      for (FoundFile& file : page) {
        const std::string name = file.file.name;
        const std::string last(last_component(name));
        for (FileSource& row : rows_of(std::move(file))) {
          if (last != name && wanted.contains(last)) found[last].push_back(row);
          if (wanted.contains(name)) found[name].push_back(std::move(row));
        }
      }
      return true;
    });
    if (!asked && asked.error().code == Code::kUnimplemented)
      return select_one_by_one(names, selection);
    if (!asked) return asked;
  }
  std::erase_if(names, [&](const std::string& name) {
    std::vector<FileChoice> choices = group_by_content(found[name], name);
    if (choices.empty()) return false;
    settle(name, std::move(choices), selection);
    return true;
  });
  return {};
}

// A directory without the request for many.
Status Selector::select_one_by_one(Names& names, Selection& selection) {
  FileFinder finder(session_, from_);
  Status failure;
  std::erase_if(names, [&](const std::string& name) {
    if (!failure) return false;
    Result<std::vector<FileChoice>> choices = finder.find(name, std::nullopt);
    if (choices) settle(name, std::move(*choices), selection);
    if (!choices && choices.error().code != Code::kNotFound) failure = choices.error();
    return choices.ok();
  });
  return failure;
}

Status Selector::select_many(const std::string& name, FileQuery query, Selection& selection) {
  if (Status typed = check_typed(name, query); !typed) {
    selection.misses.push_back({name, typed.error()});
    return {};
  }
  query.peer_name = from_;
  const std::string folder = query.folder;
  std::vector<FileSource> rows;  // of one name, over two pages maybe
  bool any = false;
  const auto take_rows = [&] {
    if (rows.empty()) return;
    for (FileChoice& choice : group_by_content(rows, rows.front().file.name)) {
      add(std::move(choice), selection);
      any = true;
    }
    rows.clear();
  };
  const Status asked = session_.find_files(std::move(query), [&](std::vector<FoundFile> page) {
    for (FoundFile& file : page) {
      if (!folder.empty() && !is_below(file.file.name, folder)) continue;
      if (!rows.empty() && rows.front().file.name != file.file.name) take_rows();
      for (FileSource& row : rows_of(std::move(file))) rows.push_back(std::move(row));
    }
    return true;
  });
  take_rows();
  Error error = asked ? nobody(name, from_) : asked.error();
  if (error.code == Code::kUnimplemented) error = cannot_select();
  if (asked && any) return {};
  if (!asked && error.code != Code::kUnimplemented && error.code != Code::kInvalidArgument)
    return error;
  selection.misses.push_back({name, std::move(error)});
  return {};
}

void Selector::settle(const std::string& name, std::vector<FileChoice> choices,
                      Selection& selection) {
  if (choices.size() == 1) return add(std::move(choices.front()), selection);
  selection.questions.push_back({name, std::move(choices)});
}

void Selector::add(FileChoice choice, Selection& selection) {
  if (seen_.emplace(choice.file_name, choice.content).second)
    selection.choices.push_back(std::move(choice));
}

void Selector::add_sources(std::span<FileChoice*> choices) {
  for (std::size_t first = 0; first < choices.size(); first += kPerRequest) {
    const auto part = choices.subspan(first, std::min(kPerRequest, choices.size() - first));
    FileQuery query;
    std::unordered_map<ContentId, std::vector<FileChoice*>, ContentIdHash> by_content;
    for (FileChoice* choice : part) {
      if (!choice->content) continue;
      std::vector<FileChoice*>& same = by_content[*choice->content];
      if (same.empty()) query.content_ids.push_back(*choice->content);
      same.push_back(choice);
    }
    if (query.content_ids.empty()) continue;
    const Status asked = session_.find_files(query, [&](std::vector<FoundFile> page) {
      for (FoundFile& file : page) {
        if (!file.file.content) continue;
        const auto found = by_content.find(file.file.content->id);
        if (found == by_content.end()) continue;
        const std::vector<FileSource> rows = rows_of(std::move(file));
        for (FileChoice* choice : found->second) trueque::add_sources(*choice, rows);
      }
      return true;
    });
    // Those the names came with will do.
    if (!asked) return;
  }
}

}  // namespace trueque
