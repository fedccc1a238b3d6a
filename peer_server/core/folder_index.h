// What is known of the files of a shared folder, and the ways to find them: by
// name, by last component, by content. A plain data structure: no file is touched
// and no time is known here. Not synchronised.
//
// A folder may hold a million files, so an entry is small (about 180 bytes with all
// that finds it), names are kept as a folder, once for all its files, and a last
// component, and whatever most files do not have stands beside the entries.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "peer_server/core/file_stamp.h"
#include "peer_server/core/hash_cache.h"
#include "peer_server/core/slot_groups.h"

namespace trueque {

enum class FileState : std::uint8_t {
  kResting,   // changed lately; waits until it changes no more
  kHashing,   // waits for its turn, or is being hashed
  kHashed,    // shared
  kUnusable,  // could not be read; tried again when it changes
};

struct IndexedFile {
  FileStamp stamp;
  FileState state = FileState::kResting;
  KnownHash hash;  // kHashed
};

// A name that joined the shared files, or left them (no content).
struct FolderChange {
  std::string name;
  std::optional<Content> content;

  bool operator==(const FolderChange&) const = default;
};

// What is shared, in two numbers. Settled: it is known wholly, and told to who listens.
struct FolderSummary {
  std::uint64_t files = 0;
  FileSetDigest digest;
  bool settled = false;
};

class FolderIndex {
 public:
  using NamedFile = std::pair<std::string, IndexedFile>;

  // Notes that scan number `scan` saw the file so. True when it is new or changed;
  // it is then kResting and no longer shared.
  bool observe(std::string_view name, const FileStamp& stamp, std::uint32_t scan);
  // The file is shared from now on. Ignored unless it still has this stamp.
  void set_hashed(std::string_view name, const FileStamp& stamp, const KnownHash& hash);
  void set_state(std::string_view name, FileState state);
  void remove(std::string_view name);
  // Removes the files below `folder` ("" for all) that `scan` did not see. Gives their names.
  std::vector<std::string> remove_unseen(std::string_view folder, std::uint32_t scan);

  // Of any state; nothing when there is none.
  std::optional<IndexedFile> find(std::string_view name) const;
  // The one shared file of this name or last component. kFailedPrecondition when
  // several contents share it, kUnavailable while one is not hashed yet, kNotFound.
  Result<NamedFile> find_shared(std::string_view name) const;
  // Up to eight names of a content. kFailedPrecondition when the file that had it changed,
  // kUnavailable while files are being hashed and one may turn out to have it.
  Result<std::vector<NamedFile>> find_content(const ContentId& id) const;

  // The shared files from place `from` on, at most `limit`; `from` becomes the place
  // where the next page begins. Nothing more comes once none comes. A file has one
  // place as long as it is here, a new one takes any.
  std::vector<SharedFile> page(std::size_t& from, std::size_t limit) const;

  std::size_t hashing() const { return hashing_; }
  std::size_t shared() const { return shared_; }
  const FileSetDigest& digest() const { return digest_; }  // of the shared files
  bool has_changes() const { return !changes_.empty(); }
  // What became shared or unshared since the last call, in order.
  std::vector<FolderChange> take_changes() { return std::exchange(changes_, {}); }

 private:
  struct Entry {
    std::unique_ptr<char[]> component;  // the last of the name, ended by 0; none: the slot is free
    FileStamp stamp;
    ContentId id;  // kHashed
    std::uint64_t pieces_offset = 0;
    std::uint32_t pieces_count = 0;
    std::uint32_t folder = 0;
    std::uint32_t scan = 0;  // the last that saw it
    FileState state = FileState::kResting;
    bool pieces_spilled = false;
  };
  struct Folder {
    std::string path;      // "" or "a/b"
    Slot first = kNoSlot;  // of its files; none: the folder's number is free
  };

  Slot slot_of(std::string_view name) const;
  Slot add(std::string_view name);
  std::uint32_t folder_for(std::string_view path);
  void remove_slot(Slot slot);
  void move_to(Slot slot, FileState state);
  void unlink_content(Slot slot);
  void note_change(Slot slot, bool joined);
  void forget_former(Slot slot);
  std::vector<Slot> candidates(std::string_view name) const;
  std::string name_of(Slot slot) const;
  NamedFile file_at(Slot slot) const;
  IndexedFile info_of(Slot slot) const;
  // For the tables: whether a slot has this key.
  auto in_folder(std::uint32_t folder, std::string_view component) const;
  auto called(std::string_view component) const;
  auto holding(const ContentId& id) const;

  std::deque<Entry> entries_;  // by slot; a deque, so that growing moves nothing
  std::vector<Slot> free_slots_;
  std::deque<Folder> folders_;
  std::vector<std::uint32_t> free_folders_;
  std::map<std::string_view, std::uint32_t> folder_numbers_;  // the keys are the paths above

  SlotTable by_name_;
  SlotGroups by_last_component_;
  SlotGroups by_content_;  // of those that are shared
  SlotRings of_folder_;
  // What files hashed to before they changed.
  std::unordered_map<Slot, ContentId> former_;
  std::set<std::pair<ContentId, Slot>> by_former_;
  std::vector<FolderChange> changes_;
  std::size_t hashing_ = 0;
  std::size_t shared_ = 0;
  FileSetDigest digest_;
};

}  // namespace trueque
