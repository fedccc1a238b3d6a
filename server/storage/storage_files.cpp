#include "server/storage/storage_files.h"

#include <algorithm>

namespace trueque {
namespace {

Status write_whole(StorageFiles& files, const std::string& path, std::string_view bytes,
                   mode_t mode) {
  const auto file = files.create(path, mode);
  if (!file) return file.error();
  if (Status status = (*file)->append(bytes); !status) return status;
  return (*file)->sync();
}

}  // namespace

Status replace_file(StorageFiles& files, const std::string& path, std::string_view bytes,
                    mode_t mode) {
  const std::string temporary = path + ".tmp";
  Status status = write_whole(files, temporary, bytes, mode);
  if (status) status = files.rename(temporary, path);
  if (status) return files.sync_folder(path);
  // What is left of it is written over the next time.
  static_cast<void>(files.remove(temporary).ok());
  return status;
}

Result<std::string> unused_path(const StorageFiles& files, const std::string& path) {
  const auto there = files.list(path);
  if (!there) return there.error();
  const auto is_used = [&](const std::string& candidate) {
    return std::find(there->begin(), there->end(), candidate) != there->end();
  };
  std::string candidate = path;
  for (int i = 1; is_used(candidate); ++i) candidate = path + "." + std::to_string(i);
  return candidate;
}

}  // namespace trueque
