// The shared folder as the only way in: every open goes through its descriptor
// and cannot leave the folder, whatever the name or the links on the way.
//
// Folders are reached through real folders only. A file may be a symbolic link, relative
// or absolute, that ends at what is inside the folder and not hidden; it is shared under
// the link's name. Any thread may call; one alone follow_path().
#pragma once

#include <string>

#include "common/base/files.h"
#include "common/base/result.h"
#include "peer_server/core/file_stamp.h"

namespace trueque {

class FolderRoot {
 public:
  // kNotFound when `path` is missing or no folder.
  static Result<FolderRoot> open(const std::string& path);

  // Absolute, without links when it was opened.
  const std::string& path() const { return path_; }

  // Opens what stands at the path now where that is another folder than the one that
  // is open: true. Threads within a call see the one or the other. kNotFound when no
  // folder is there; the one that was open stays so.
  Result<bool> follow_path();

  // A regular file for reading. kInvalidArgument for a name that is not valid,
  // kPermissionDenied for one that is hidden, leads out or is no regular file.
  Result<UniqueFd> open_file(const std::string& name) const;
  // A journal of a download or the part it is of, which open_file() never gives: a
  // regular file, reached through no link. Errors as those of open_file().
  Result<UniqueFd> open_journal(const std::string& name) const;
  Result<UniqueFd> open_part_of(const std::string& journal) const;
  // A folder within; "" is the shared folder itself.
  Result<UniqueFd> open_directory(const std::string& name) const;
  // The stamp of the regular file `name` would open.
  Result<FileStamp> stamp(const std::string& name) const;

  // Of the entry itself, for what a failed stamp() means.
  bool is_link(const std::string& name) const;
  bool is_regular(const std::string& name) const;

  // For tests: walk component by component, as on systems without openat2.
  void set_openat2_missing() { has_openat2_ = false; }

 private:
  FolderRoot(std::string path, UniqueFd fd);

  Result<UniqueFd> open_beneath(const std::string& name, int flags) const;
  Result<UniqueFd> open_link(const std::string& name) const;
  Result<std::string> target_within(const std::string& link) const;
  Result<UniqueFd> open_download(const std::string& journal, const std::string& name) const;

  std::string path_;
  UniqueFd fd_;
  bool has_openat2_ = false;
};

}  // namespace trueque
