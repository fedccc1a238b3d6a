// StorageFiles over the real file system. Any thread.
#pragma once

#include "server/storage/storage_files.h"

namespace trueque {

class DiskFiles final : public StorageFiles {
 public:
  Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) override;
  Result<std::string> read(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& prefix) const override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync(const std::string& path) override;
  Status sync_folder(const std::string& path) override;
};

}  // namespace trueque
