#include "peer_client/core/unfinished_finder.h"

#include <algorithm>

#include "common/base/file_name.h"
#include "common/content/part_name.h"
#include "peer_client/core/file_finder.h"
#include "peer_client/core/selection.h"

namespace trueque {
namespace {

constexpr std::size_t kPerRequest = 1000;

bool may_be(const Unfinished& part, const FileSource& row) {
  if (!row.file.content) return false;
  if (part.content) return row.file.content->id == *part.content;
  const bool named = row.file.name == part.name || last_component(row.file.name) == part.name;
  return named && row.file.content->id.hex().starts_with(part.id8);
}

std::string name_for(const Unfinished& part, const FileChoice& choice) {
  const std::size_t slash = part.name.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.name.substr(0, slash + 1);
  for (const FileSource& row : choice.sources) {
    const std::string_view name = last_component(row.file.name);
    if (part_name(name, *choice.content) == part.part && name.size() > part.part.size() / 2)
      return folder + std::string(name);
  }
  return part.name;
}

Result<FileChoice> choice_for(const Unfinished& part, std::span<const FileSource> rows) {
  std::vector<FileSource> its;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(its),
               [&](const FileSource& row) { return may_be(part, row); });
  std::vector<FileChoice> choices = group_by_content(its, part.name);
  if (choices.empty())
    return make_error(Code::kNotFound, "nobody shares that " + part.name +
                                           " any more; try again later, or forget it with "
                                           "'peer-client clean'");
  choices.front().file_name = name_for(part, choices.front());
  return std::move(choices.front());
}

}  // namespace

std::vector<Result<FileChoice>> UnfinishedFinder::find(std::span<const Unfinished> parts) {
  std::vector<Result<FileChoice>> found;
  for (std::size_t first = 0; first < parts.size(); first += kPerRequest) {
    const auto some = parts.subspan(first, std::min(kPerRequest, parts.size() - first));
    std::vector<FileSource> rows;
    const Status asked = ask(some, rows);
    const bool alone = !asked && asked.error().code == Code::kUnimplemented;
    for (const Unfinished& part : some) {
      if (alone) found.push_back(find_alone(part));
      if (!alone && asked) found.push_back(choice_for(part, rows));
      if (!alone && !asked) found.push_back(asked.error());
    }
  }
  std::vector<FileChoice*> named;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].content && found[i]) named.push_back(&*found[i]);
  }
  Selector(session_, "").add_sources(named);
  return found;
}

Status UnfinishedFinder::ask(std::span<const Unfinished> parts, std::vector<FileSource>& rows) {
  FileQuery query;
  for (const Unfinished& part : parts) {
    if (part.content) query.content_ids.push_back(*part.content);
    if (!part.content && validate_file_name(part.name)) query.names.push_back(part.name);
  }
  if (query.content_ids.empty() && query.names.empty()) return {};
  return session_.find_files(std::move(query), [&](std::vector<FoundFile> page) {
    for (FoundFile& file : page) {
      for (FileSource& row : rows_of(std::move(file))) rows.push_back(std::move(row));
    }
    return true;
  });
}

Result<FileChoice> UnfinishedFinder::find_alone(const Unfinished& part) {
  FileFinder finder(session_);
  const Result<std::vector<FileChoice>> choices = finder.find(part.name, part.content);
  if (!choices && choices.error().code != Code::kNotFound) return choices.error();
  std::vector<FileSource> rows;
  if (choices) {
    for (const FileChoice& each : *choices)
      rows.insert(rows.end(), each.sources.begin(), each.sources.end());
  }
  Result<FileChoice> choice = choice_for(part, rows);
  if (choice) finder.complete(*choice);
  return choice;
}

}  // namespace trueque
