// What is known of the files of a shared folder, and the ways to find them: by
// name, by last component, by content. A plain data structure: no file is touched
// and no time is known here. Not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "peer_server/core/file_stamp.h"
#include "peer_server/core/hash_cache.h"

namespace trueque {

enum class FileState {
  kResting,   // changed lately; waits until it changes no more
  kHashing,   // waits for its turn, or is being hashed
  kHashed,    // shared
  kUnusable,  // could not be read; tried again when it changes
};

struct IndexedFile {
  FileStamp stamp;
  FileState state = FileState::kResting;
  std::uint64_t scan = 0;  // the last scan that saw it
  KnownHash hash;          // kHashed
  // What it hashed to before it changed.
  std::optional<ContentId> former;
};

// A name that joined the shared files, or left them (no content).
struct FolderChange {
  std::string name;
  std::optional<Content> content;

  bool operator==(const FolderChange&) const = default;
};

class FolderIndex {
 public:
  using Files = std::map<std::string, IndexedFile, std::less<>>;
  using NamedFile = Files::value_type;

  FolderIndex() = default;
  FolderIndex(const FolderIndex&) = delete;  // the maps below point into files_
  FolderIndex& operator=(const FolderIndex&) = delete;

  // Notes that scan number `scan` saw the file so. True when it is new or changed;
  // it is then kResting and no longer shared.
  bool observe(const std::string& name, const FileStamp& stamp, std::uint64_t scan);
  // The file is shared from now on. Ignored unless it still has this stamp.
  void set_hashed(const std::string& name, const FileStamp& stamp, const KnownHash& hash);
  void set_state(const std::string& name, FileState state);
  void remove(std::string_view name);
  // Removes the files below `folder` ("" for all) that `scan` did not see. Gives their names.
  std::vector<std::string> remove_unseen(std::string_view folder, std::uint64_t scan);

  // Of any state; null when there is none.
  const IndexedFile* find(std::string_view name) const;
  // The one shared file of this name or last component. kFailedPrecondition when
  // several contents share it, kUnavailable while one is not hashed yet, kNotFound.
  Result<const NamedFile*> find_shared(std::string_view name) const;
  // Up to eight names of a content. kFailedPrecondition when the file that had it changed,
  // kUnavailable while files are being hashed and one may turn out to have it.
  Result<std::vector<const NamedFile*>> find_content(const ContentId& id) const;

  const Files& files() const { return files_; }
  std::size_t hashing() const { return hashing_; }
  std::size_t shared() const { return shared_; }
  // What became shared or unshared since the last call, in order.
  std::vector<FolderChange> take_changes() { return std::exchange(changes_, {}); }

 private:
  void move_to(NamedFile& file, FileState state);
  void unlink_content(NamedFile& file);
  void forget_former(NamedFile& file);
  std::vector<const NamedFile*> candidates(std::string_view name) const;

  Files files_;
  // Sets of pairs, not multimaps: thousands of files may share one key (the empty
  // file, "README"), and each must be found again fast.
  std::set<std::pair<std::string_view, const NamedFile*>> by_last_component_;
  std::set<std::pair<ContentId, const NamedFile*>> by_content_;
  std::set<std::pair<ContentId, const NamedFile*>> by_former_;
  std::vector<FolderChange> changes_;
  std::size_t hashing_ = 0;
  std::size_t shared_ = 0;
};

}  // namespace trueque
