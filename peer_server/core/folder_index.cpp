#include "peer_server/core/folder_index.h"

#include <limits>

#include "common/base/file_name.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kHashingRetry{1'000};
constexpr std::size_t kMaxNames = 8;  // tried for one content

// The entries of `set` whose key is `key`, at most `limit`.
template <typename Key, typename Set>
std::vector<const FolderIndex::NamedFile*> with_key(const Set& set, const Key& key,
                                                    std::size_t limit) {
  std::vector<const FolderIndex::NamedFile*> found;
  for (auto each = set.lower_bound({key, nullptr});
       each != set.end() && each->first == key && found.size() < limit; ++each)
    found.push_back(each->second);
  return found;
}

Error still_hashing(const std::string& what) {
  Error error = make_error(Code::kUnavailable, what + " is still being hashed; try again soon");
  error.retry_after = kHashingRetry;
  return error;
}

}  // namespace

bool FolderIndex::observe(const std::string& name, const FileStamp& stamp, std::uint64_t scan) {
  const auto [position, fresh] = files_.try_emplace(name);
  NamedFile& file = *position;
  file.second.scan = scan;
  if (fresh) by_last_component_.emplace(last_component(file.first), &file);
  if (!fresh && file.second.stamp == stamp) return false;
  move_to(file, FileState::kResting);
  file.second.stamp = stamp;
  return true;
}

void FolderIndex::set_hashed(const std::string& name, const FileStamp& stamp,
                             const KnownHash& hash) {
  const auto position = files_.find(name);
  if (position == files_.end() || position->second.stamp != stamp) return;
  NamedFile& file = *position;
  move_to(file, FileState::kHashed);
  forget_former(file);
  file.second.hash = hash;
  by_content_.emplace(hash.id, &file);
  changes_.push_back({file.first, Content{stamp.size, hash.id}});
}

void FolderIndex::set_state(const std::string& name, FileState state) {
  const auto position = files_.find(name);
  if (position != files_.end()) move_to(*position, state);
}

// Leaves what the present state stands for and counts the new one.
void FolderIndex::move_to(NamedFile& file, FileState state) {
  FileState& present = file.second.state;
  if (present == FileState::kHashed) unlink_content(file);
  if (present == FileState::kHashing) --hashing_;
  if (state == FileState::kHashing) ++hashing_;
  if (state == FileState::kHashed) ++shared_;
  present = state;
}

void FolderIndex::unlink_content(NamedFile& file) {
  const ContentId id = file.second.hash.id;
  by_content_.erase({id, &file});
  forget_former(file);
  file.second.former = id;
  by_former_.emplace(id, &file);
  changes_.push_back({file.first, std::nullopt});
  --shared_;
}

void FolderIndex::forget_former(NamedFile& file) {
  if (!file.second.former) return;
  by_former_.erase({*file.second.former, &file});
  file.second.former.reset();
}

void FolderIndex::remove(std::string_view name) {
  const auto position = files_.find(name);
  if (position == files_.end()) return;
  NamedFile& file = *position;
  move_to(file, FileState::kUnusable);
  forget_former(file);
  by_last_component_.erase({last_component(file.first), &file});
  files_.erase(position);
}

std::vector<std::string> FolderIndex::remove_unseen(std::string_view folder, std::uint64_t scan) {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<std::string> gone;
  for (auto each = files_.lower_bound(prefix);
       each != files_.end() && each->first.starts_with(prefix); ++each) {
    if (each->second.scan != scan) gone.push_back(each->first);
  }
  for (const std::string& name : gone) remove(name);
  return gone;
}

const IndexedFile* FolderIndex::find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

std::vector<const FolderIndex::NamedFile*> FolderIndex::candidates(std::string_view name) const {
  if (const auto whole = files_.find(name); whole != files_.end()) return {&*whole};
  return with_key(by_last_component_, name, std::numeric_limits<std::size_t>::max());
}

Result<const FolderIndex::NamedFile*> FolderIndex::find_shared(std::string_view name) const {
  const NamedFile* shared = nullptr;
  bool pending = false;
  bool unusable = false;
  for (const NamedFile* file : candidates(name)) {
    if (file->second.state == FileState::kUnusable) unusable = true;
    if (file->second.state == FileState::kHashing || file->second.state == FileState::kResting)
      pending = true;
    if (file->second.state != FileState::kHashed) continue;
    if (shared != nullptr && shared->second.hash.id != file->second.hash.id)
      return make_error(Code::kFailedPrecondition, "several different files are called '" +
                                                       std::string(name) +
                                                       "'; ask by path or content id");
    if (shared == nullptr || file->first < shared->first) shared = file;
  }
  if (pending) return still_hashing("'" + std::string(name) + "'");
  if (shared != nullptr) return shared;
  if (unusable)
    return make_error(Code::kFailedPrecondition, "'" + std::string(name) + "' cannot be read here");
  return make_error(Code::kNotFound, "no file '" + std::string(name) + "' is shared here");
}

Result<std::vector<const FolderIndex::NamedFile*>> FolderIndex::find_content(
    const ContentId& id) const {
  std::vector<const NamedFile*> found = with_key(by_content_, id, kMaxNames);
  if (!found.empty()) return found;
  if (const auto former = with_key(by_former_, id, 1); !former.empty())
    return make_error(Code::kFailedPrecondition,
                      "'" + former.front()->first + "' changed since it was hashed");
  if (hashing_ > 0) return still_hashing("a part of the shared folder");
  return make_error(Code::kNotFound, "no file of content " + id.hex() + " is shared here");
}

}  // namespace trueque
