#include "peer_client/core/file_choice.h"

#include <algorithm>
#include <map>

#include "common/base/file_name.h"

namespace trueque {
namespace {

std::optional<ContentId> content_of(const FileSource& row) {
  if (!row.file.content) return std::nullopt;
  return row.file.content->id;
}

bool same_peer(const FileSource& a, const FileSource& b) {
  return a.peer_ip == b.peer_ip && a.peer_port == b.peer_port && a.peer_name == b.peer_name;
}

void add_source(FileChoice& choice, const FileSource& row) {
  const bool known = std::any_of(choice.sources.begin(), choice.sources.end(),
                                 [&](const FileSource& each) { return same_peer(each, row); });
  if (!known) choice.sources.push_back(row);
}

// The size most sources give.
std::uint64_t usual_size(const FileChoice& choice) {
  std::map<std::uint64_t, std::size_t> votes;
  for (const FileSource& row : choice.sources) {
    if (row.file.content) ++votes[row.file.content->size];
  }
  const auto best = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == votes.end() ? 0 : best->first;
}

}  // namespace

std::vector<FileSource> rows_of(FoundFile file) {
  std::vector<FileSource> rows;
  for (PeerKey& peer : file.sources)
    rows.push_back({std::move(peer.username), std::move(peer.ip), peer.port, file.file, {}});
  return rows;
}

std::vector<FileChoice> group_by_content(std::span<const FileSource> rows,
                                         const std::string& wanted) {
  std::vector<FileChoice> choices;
  for (const FileSource& row : rows) {
    if (!validate_file_name(row.file.name)) continue;
    const std::optional<ContentId> content = content_of(row);
    auto choice = std::find_if(choices.begin(), choices.end(),
                               [&](const FileChoice& each) { return each.content == content; });
    if (choice == choices.end()) {
      choices.push_back({row.file.name, content, 0, {}});
      choice = std::prev(choices.end());
    }
    if (row.file.name == wanted) choice->file_name = wanted;
    add_source(*choice, row);
  }
  const bool has_content = std::any_of(choices.begin(), choices.end(),
                                       [](const FileChoice& each) { return each.content; });
  if (has_content) std::erase_if(choices, [](const FileChoice& each) { return !each.content; });
  for (FileChoice& choice : choices) choice.size = usual_size(choice);
  std::stable_sort(choices.begin(), choices.end(), [](const FileChoice& a, const FileChoice& b) {
    return a.sources.size() > b.sources.size();
  });
  return choices;
}

void add_sources(FileChoice& choice, std::span<const FileSource> rows) {
  for (const FileSource& row : rows) {
    if (content_of(row) == choice.content) add_source(choice, row);
  }
}

}  // namespace trueque
