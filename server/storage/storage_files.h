// The seam to the disk: the few things the storage of the directory does to files, so
// that tests can let each of them fail, and cut the power behind it. A file's bytes are
// on disk after sync(), its name after sync_folder(). Errors are those of
// common/base/files.h. Any thread, but one thread at a time for an AppendFile.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace trueque {

class AppendFile {
 public:
  virtual ~AppendFile() = default;
  // After a failure some of the bytes may be in the file.
  virtual Status append(std::string_view bytes) = 0;
  // After a failure nothing appended since the last success can be trusted to reach the
  // disk, whatever a later sync() says.
  virtual Status sync() = 0;
};

class StorageFiles {
 public:
  virtual ~StorageFiles() = default;
  // An empty file, whatever was there before.
  virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) = 0;
  virtual Result<std::string> read(const std::string& path) const = 0;
  // Paths of the files whose paths begin with `prefix`, in no order.
  virtual Result<std::vector<std::string>> list(const std::string& prefix) const = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  // The bytes of a file somebody else wrote.
  virtual Status sync(const std::string& path) = 0;
  // The names in the folder that holds `path`.
  virtual Status sync_folder(const std::string& path) = 0;
};

// Replaces `path` so that a reader, or a crash at any line, finds the old content or the
// new one and nothing between. On success the change is on disk.
Status replace_file(StorageFiles& files, const std::string& path, std::string_view bytes,
                    mode_t mode);

// `path`, or `path`.1 and so on: the first where no file is yet.
Result<std::string> unused_path(const StorageFiles& files, const std::string& path);

}  // namespace trueque
