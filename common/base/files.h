// Small helpers over POSIX files. Errors carry the path and the system's reason;
// their code is kNotFound for a missing file, kPermissionDenied when access is
// refused, kAborted for any other read or write error (disk full included).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"

namespace trueque {

// Owns one file descriptor; -1 is none. Movable, not copyable.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Somebody else's to close from now on.
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// An Error for the system call that just failed: "cannot <action> <path>: <reason>".
Error system_error(std::string_view action, std::string_view path, int error_number);

Result<std::string> read_file(const std::string& path);

// Writes all of `bytes`, over short writes and EINTR.
Status write_all(int fd, std::string_view bytes, std::string_view path);

// Replaces `path` so that a reader, or a crash at any line, finds the old content
// or the new one and nothing between: temporary file beside it, fsync, rename,
// fsync of the folder. On success the change is on disk.
Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode = 0644);

// fsync of the folder that holds `path`.
Status sync_parent_directory(const std::string& path);

// mkdir -p.
Status make_directories(const std::string& path, mode_t mode = 0755);

}  // namespace trueque
