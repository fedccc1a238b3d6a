#include "server/storage/disk_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "common/base/files.h"

namespace trueque {
namespace {

class DiskFile final : public AppendFile {
 public:
  DiskFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status append(std::string_view bytes) override { return write_all(fd_.get(), bytes, path_); }
  Status sync() override {
    if (::fdatasync(fd_.get()) != 0) return system_error("sync", path_, errno);
    return check_place();
  }

 private:
  // What is written to a file that was removed, or moved away with its folder, is on disk
  // where nobody will look for it.
  Status check_place() const {
    struct stat here {};
    struct stat there {};
    if (::fstat(fd_.get(), &here) != 0) return system_error("read", path_, errno);
    if (::stat(path_.c_str(), &there) != 0) return system_error("find", path_, errno);
    if (here.st_ino == there.st_ino && here.st_dev == there.st_dev) return {};
    return make_error(Code::kAborted, path_ + " was replaced by another file");
  }

  const UniqueFd fd_;
  const std::string path_;
};

// Reads past the size seen first as well: the file may be growing.
Status read_all(int fd, const std::string& path, std::string& content) {
  std::size_t used = 0;
  while (true) {
    if (used == content.size()) content.resize(used + 65536);
    const ssize_t got = ::read(fd, content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  content.resize(used);
  return {};
}

}  // namespace

Result<std::unique_ptr<AppendFile>> DiskFiles::create(const std::string& path, mode_t mode) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, mode));
  if (!fd.valid()) return system_error("create", path, errno);
  // One that was there may have had another mode.
  if (::fchmod(fd.get(), mode) != 0) return system_error("chmod", path, errno);
  return std::unique_ptr<AppendFile>(std::make_unique<DiskFile>(std::move(fd), path));
}

Result<std::string> DiskFiles::read(const std::string& path) const {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error("read", path, errno);
  std::string content(static_cast<std::size_t>(status.st_size) + 1, '\0');
  if (Status read = read_all(fd.get(), path, content); !read) return read.error();
  return content;
}

Result<std::vector<std::string>> DiskFiles::list(const std::string& prefix) const {
  const std::filesystem::path folder = std::filesystem::path(prefix).parent_path();
  std::vector<std::string> paths;
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    std::string path = entry->path().string();
    if (path.starts_with(prefix)) paths.push_back(std::move(path));
  }
  if (failed) return system_error("read", folder.string(), failed.value());
  return paths;
}

Status DiskFiles::rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("rename to", to, errno);
  return {};
}

Status DiskFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return system_error("remove", path, errno);
  return {};
}

Status DiskFiles::sync(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open", path, errno);
  if (::fsync(fd.get()) != 0) return system_error("sync", path, errno);
  return {};
}

Status DiskFiles::sync_folder(const std::string& path) { return sync_parent_directory(path); }

}  // namespace trueque
