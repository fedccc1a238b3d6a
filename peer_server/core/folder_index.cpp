#include "peer_server/core/folder_index.h"

#include <algorithm>
#include <functional>

#include "common/base/file_name.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kHashingRetry{1'000};
constexpr std::size_t kMaxNames = 8;  // tried for one content

std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

std::size_t hash_of(std::uint32_t folder, std::string_view component) {
  // Spreads the numbers of folders, which are small and follow one another.
  return hash_of(component) ^ (folder * std::size_t{0x9E3779B97F4A7C15} >> 32);
}

std::string_view folder_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

Error still_hashing(const std::string& what) {
  Error error = make_error(Code::kUnavailable, what + " is still being hashed; try again soon");
  error.retry_after = kHashingRetry;
  return error;
}

}  // namespace

auto FolderIndex::in_folder(std::uint32_t folder, std::string_view component) const {
  return [this, folder, component](Slot slot) {
    return entries_[slot].folder == folder && component == entries_[slot].component.get();
  };
}

auto FolderIndex::called(std::string_view component) const {
  return [this, component](Slot slot) { return component == entries_[slot].component.get(); };
}

auto FolderIndex::holding(const ContentId& id) const {
  return [this, &id](Slot slot) { return entries_[slot].id == id; };
}

bool FolderIndex::observe(std::string_view name, const FileStamp& stamp, std::uint32_t scan) {
  Slot slot = slot_of(name);
  const bool fresh = slot == kNoSlot;
  if (fresh) slot = add(name);
  Entry& entry = entries_[slot];
  entry.scan = scan;
  if (!fresh && entry.stamp == stamp) return false;
  move_to(slot, FileState::kResting);
  entry.stamp = stamp;
  return true;
}

Slot FolderIndex::slot_of(std::string_view name) const {
  const auto folder = folder_numbers_.find(folder_of(name));
  if (folder == folder_numbers_.end()) return kNoSlot;
  const std::string_view component = last_component(name);
  return by_name_.find(hash_of(folder->second, component), in_folder(folder->second, component));
}

Slot FolderIndex::add(std::string_view name) {
  const std::uint32_t folder = folder_for(folder_of(name));
  const std::string_view component = last_component(name);
  Slot slot = static_cast<Slot>(entries_.size());
  if (free_slots_.empty()) {
    entries_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Entry& entry = entries_[slot];
  entry.component = std::make_unique_for_overwrite<char[]>(component.size() + 1);
  *std::copy(component.begin(), component.end(), entry.component.get()) = '\0';
  entry.folder = folder;
  by_name_.insert(slot, hash_of(folder, component));
  by_last_component_.insert(slot, hash_of(component), called(component));
  of_folder_.join(slot, folders_[folder].first);
  if (folders_[folder].first == kNoSlot) folders_[folder].first = slot;
  return slot;
}

std::uint32_t FolderIndex::folder_for(std::string_view path) {
  if (const auto known = folder_numbers_.find(path); known != folder_numbers_.end())
    return known->second;
  auto number = static_cast<std::uint32_t>(folders_.size());
  if (free_folders_.empty()) {
    folders_.emplace_back();
  } else {
    number = free_folders_.back();
    free_folders_.pop_back();
  }
  folders_[number].path = path;
  folder_numbers_.emplace(folders_[number].path, number);
  return number;
}

void FolderIndex::set_hashed(std::string_view name, const FileStamp& stamp, const KnownHash& hash) {
  const Slot slot = slot_of(name);
  if (slot == kNoSlot || entries_[slot].stamp != stamp) return;
  move_to(slot, FileState::kHashed);
  forget_former(slot);
  Entry& entry = entries_[slot];
  entry.id = hash.id;
  entry.pieces_offset = hash.pieces.offset;
  entry.pieces_count = hash.pieces.count;
  entry.pieces_spilled = hash.pieces.spilled;
  by_content_.insert(slot, ContentIdHash()(hash.id), holding(hash.id));
  note_change(slot, true);
}

void FolderIndex::note_change(Slot slot, bool joined) {
  const Content content{entries_[slot].stamp.size, entries_[slot].id};
  FolderChange& change = changes_.emplace_back();
  change.name = name_of(slot);
  if (joined) change.content = content;
  digest_.toggle(change.name, content);
}

void FolderIndex::set_state(std::string_view name, FileState state) {
  const Slot slot = slot_of(name);
  if (slot != kNoSlot) move_to(slot, state);
}

// Leaves what the present state stands for and counts the new one.
void FolderIndex::move_to(Slot slot, FileState state) {
  FileState& present = entries_[slot].state;
  if (present == FileState::kHashed) unlink_content(slot);
  if (present == FileState::kHashing) --hashing_;
  if (state == FileState::kHashing) ++hashing_;
  if (state == FileState::kHashed) ++shared_;
  present = state;
}

void FolderIndex::unlink_content(Slot slot) {
  const ContentId id = entries_[slot].id;
  by_content_.erase(slot, ContentIdHash()(id), holding(id));
  forget_former(slot);
  former_.emplace(slot, id);
  by_former_.emplace(id, slot);
  note_change(slot, false);
  --shared_;
}

void FolderIndex::forget_former(Slot slot) {
  const auto former = former_.find(slot);
  if (former == former_.end()) return;
  by_former_.erase({former->second, slot});
  former_.erase(former);
}

void FolderIndex::remove(std::string_view name) {
  if (const Slot slot = slot_of(name); slot != kNoSlot) remove_slot(slot);
}

void FolderIndex::remove_slot(Slot slot) {
  move_to(slot, FileState::kUnusable);
  forget_former(slot);
  Entry& entry = entries_[slot];
  const std::string_view component = entry.component.get();
  by_name_.erase(slot);
  by_last_component_.erase(slot, hash_of(component), called(component));
  Folder& folder = folders_[entry.folder];
  const Slot next = of_folder_.leave(slot);
  if (folder.first == slot) folder.first = next;
  if (next == kNoSlot) {
    folder_numbers_.erase(folder.path);
    free_folders_.push_back(entry.folder);
  }
  entry = {};
  free_slots_.push_back(slot);
}

std::vector<std::string> FolderIndex::remove_unseen(std::string_view folder, std::uint32_t scan) {
  std::vector<Slot> unseen;
  const auto look_in = [&](std::uint32_t number) {
    of_folder_.each(folders_[number].first, [&](Slot slot) {
      if (entries_[slot].scan != scan) unseen.push_back(slot);
      return true;
    });
  };
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  if (const auto itself = folder_numbers_.find(folder);
      !folder.empty() && itself != folder_numbers_.end())
    look_in(itself->second);
  for (auto below = folder_numbers_.lower_bound(prefix);
       below != folder_numbers_.end() && below->first.starts_with(prefix); ++below)
    look_in(below->second);
  std::vector<std::string> gone;
  for (const Slot slot : unseen) {
    gone.push_back(name_of(slot));
    remove_slot(slot);
  }
  return gone;
}

std::string FolderIndex::name_of(Slot slot) const {
  const std::string& folder = folders_[entries_[slot].folder].path;
  const char* component = entries_[slot].component.get();
  return folder.empty() ? std::string(component) : folder + "/" + component;
}

IndexedFile FolderIndex::info_of(Slot slot) const {
  const Entry& entry = entries_[slot];
  return {entry.stamp,
          entry.state,
          {entry.id, {entry.pieces_offset, entry.pieces_count, entry.pieces_spilled}}};
}

FolderIndex::NamedFile FolderIndex::file_at(Slot slot) const {
  return {name_of(slot), info_of(slot)};
}

std::optional<IndexedFile> FolderIndex::find(std::string_view name) const {
  const Slot slot = slot_of(name);
  return slot == kNoSlot ? std::nullopt : std::optional(info_of(slot));
}

std::vector<Slot> FolderIndex::candidates(std::string_view name) const {
  if (const Slot whole = slot_of(name); whole != kNoSlot) return {whole};
  std::vector<Slot> found;
  by_last_component_.each(hash_of(name), called(name), [&](Slot slot) {
    found.push_back(slot);
    return true;
  });
  return found;
}

Result<FolderIndex::NamedFile> FolderIndex::find_shared(std::string_view name) const {
  std::optional<NamedFile> shared;
  bool pending = false;
  bool unusable = false;
  for (const Slot slot : candidates(name)) {
    const Entry& entry = entries_[slot];
    if (entry.state == FileState::kUnusable) unusable = true;
    if (entry.state == FileState::kHashing || entry.state == FileState::kResting) pending = true;
    if (entry.state != FileState::kHashed) continue;
    if (shared && shared->second.hash.id != entry.id)
      return make_error(Code::kFailedPrecondition, "several different files are called '" +
                                                       std::string(name) +
                                                       "'; ask by path or content id");
    NamedFile file = file_at(slot);
    if (!shared || file.first < shared->first) shared = std::move(file);
  }
  if (pending) return still_hashing("'" + std::string(name) + "'");
  if (shared) return *shared;
  if (unusable)
    return make_error(Code::kFailedPrecondition, "'" + std::string(name) + "' cannot be read here");
  return make_error(Code::kNotFound, "no file '" + std::string(name) + "' is shared here");
}

Result<std::vector<FolderIndex::NamedFile>> FolderIndex::find_content(const ContentId& id) const {
  std::vector<NamedFile> found;
  by_content_.each(ContentIdHash()(id), holding(id), [&](Slot slot) {
    found.push_back(file_at(slot));
    return found.size() < kMaxNames;
  });
  if (!found.empty()) return found;
  if (const auto former = by_former_.lower_bound({id, 0});
      former != by_former_.end() && former->first == id)
    return make_error(Code::kFailedPrecondition,
                      "'" + name_of(former->second) + "' changed since it was hashed");
  if (hashing_ > 0) return still_hashing("a part of the shared folder");
  return make_error(Code::kNotFound, "no file of content " + id.hex() + " is shared here");
}

std::vector<SharedFile> FolderIndex::page(std::size_t& from, std::size_t limit) const {
  std::vector<SharedFile> files;
  for (; from < entries_.size() && files.size() < limit; ++from) {
    const Entry& entry = entries_[from];
    if (entry.component && entry.state == FileState::kHashed)
      files.push_back({name_of(static_cast<Slot>(from)), Content{entry.stamp.size, entry.id}});
  }
  return files;
}

}  // namespace trueque
