#include "common/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace trueque {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Error system_error(std::string_view action, std::string_view path, int error_number) {
  Code code = Code::kAborted;
  if (error_number == ENOENT || error_number == ENOTDIR) code = Code::kNotFound;
  if (error_number == EACCES || error_number == EPERM) code = Code::kPermissionDenied;
  return make_error(code, "cannot " + std::string(action) + " " + std::string(path) + ": " +
                              std::generic_category().message(error_number));
}

Result<std::string> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error("read", path, errno);
  std::string content;
  if (status.st_size > 0) content.reserve(static_cast<std::size_t>(status.st_size));
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got == 0) return content;
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_error("read", path, errno);
    }
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Status write_all(int fd, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_error("write", path, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = path + ".tmp";
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd.valid()) return system_error("create", temporary, errno);
  Status status = write_all(fd.get(), bytes, temporary);
  // An older temporary file may have had another mode.
  if (status && ::fchmod(fd.get(), mode) != 0) status = system_error("chmod", temporary, errno);
  if (status && ::fsync(fd.get()) != 0) status = system_error("sync", temporary, errno);
  fd.reset();
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = system_error("rename to", path, errno);
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_parent_directory(path);
}

Status sync_parent_directory(const std::string& path) {
  std::string parent = std::filesystem::path(path).parent_path().string();
  if (parent.empty()) parent = ".";
  const UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open", parent, errno);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to do there.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_error("sync", parent, errno);
  return {};
}

Status make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end != path.size() && path[end] != '/') continue;
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST)
      return system_error("create", part, errno);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error("read", path, errno);
  if (!S_ISDIR(status.st_mode)) return system_error("create", path, ENOTDIR);
  return {};
}

}  // namespace trueque
