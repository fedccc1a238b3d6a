#include "peer_client/core/unfinished.h"

#include <algorithm>
#include <filesystem>

#include "common/base/files.h"
#include "common/content/part_journal.h"
#include "common/content/part_name.h"
#include "common/content/piece_layout.h"
#include "peer_client/core/target_folder.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxJournalBytes = 8UL * 1024 * 1024;

// As the name of the part alone tells; nothing for any other name.
std::optional<Unfinished> unfinished_called(const std::string& part) {
  std::optional<PartName> read = read_part_name(part);
  if (!read) return std::nullopt;
  Unfinished found;
  found.name = std::move(read->name);
  found.part = part;
  found.id8 = std::move(read->id8);
  return found;
}

void read_journal(Unfinished& found) {
  const std::string path = found.path() + kJournalSuffix;
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(path, failure);
  if (failure || size > kMaxJournalBytes || fs::is_symlink(path, failure)) return;
  const Result<std::string> bytes = read_file(path);
  const auto journal = bytes ? decode_journal(*bytes) : std::nullopt;
  if (!journal || !journal->content.hex().starts_with(found.id8)) return;
  found.content = journal->content;
  found.size = journal->size;
  const PieceLayout layout(journal->size);
  for (const std::uint64_t piece : journal->pieces) found.there += layout.piece_length(piece);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() || folder == "." ? name : folder + "/" + name;
}

}  // namespace

std::optional<unsigned> Unfinished::percent() const {
  if (size == 0) return std::nullopt;
  return static_cast<unsigned>(static_cast<double>(there) * 100 / static_cast<double>(size));
}

std::vector<Unfinished> find_unfinished(const std::string& root) {
  std::vector<Unfinished> all;
  std::error_code failure;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                         failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;
    if (entry->is_directory(unknown) && name.starts_with('.')) entry.disable_recursion_pending();
    if (!name.starts_with('.')) continue;
    const fs::path folder = entry->path().parent_path();
    std::optional<Unfinished> found = unfinished_part(folder.string(), name);
    if (!found) continue;
    found->name = joined(folder.lexically_relative(root).generic_string(), found->name);
    all.push_back(std::move(*found));
  }
  std::sort(all.begin(), all.end(),
            [](const Unfinished& a, const Unfinished& b) { return a.path() < b.path(); });
  return all;
}

std::optional<Unfinished> unfinished_part(const std::string& folder, const std::string& part) {
  std::optional<Unfinished> found = unfinished_called(part);
  if (!found) return found;
  found->folder = folder;
  std::error_code failure;
  if (!fs::is_regular_file(fs::symlink_status(found->path(), failure))) return std::nullopt;
  read_journal(*found);
  return found;
}

std::optional<Unfinished> unfinished_at(const std::string& path, const ContentId& content) {
  const fs::path file(path);
  const std::string name = file.filename().string();
  std::optional<Unfinished> found =
      unfinished_part(file.parent_path().string(), part_name(name, content));
  if (!found) return found;
  found->name = name;
  if (!found->content) found->content = content;
  return found;
}

Result<std::uint64_t> forget(const Unfinished& download) {
  const Result<TargetFolder> folder = TargetFolder::open(download.folder, "", false);
  if (!folder) return folder.error();
  return folder->remove_part(download.part);
}

}  // namespace trueque
