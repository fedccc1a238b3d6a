#include "server/storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trueque {
namespace {

Result<UniqueFd> open_lock(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("open", path, errno);
  return fd;
}

Status lock(const UniqueFd& fd, int operation, const std::string& path) {
  while (::flock(fd.get(), operation) != 0) {
    if (errno != EINTR) return system_error("lock", path, errno);
  }
  return {};
}

// Digits alone: what else is in the file is not worth repeating.
std::string owner_of(const UniqueFd& fd) {
  std::array<char, 32> buffer{};
  const ssize_t got = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
  std::string digits;
  for (ssize_t i = 0; i < got; ++i) {
    const char c = buffer[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    digits.push_back(c);
  }
  return digits;
}

Error in_use(const std::string& subject, const std::string& owner) {
  return make_error(Code::kFailedPrecondition,
                    subject + " is in use by another main-server" +
                        (owner.empty() ? "" : ", process " + owner) +
                        "; stop that one first, or give this one a [storage] path of its own");
}

}  // namespace

Result<FileLock> FileLock::try_lock(const std::string& lock_path, const std::string& subject) {
  Result<UniqueFd> fd = open_lock(lock_path);
  if (!fd.ok()) return fd.error();
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(subject, owner_of(*fd));
    return system_error("lock", lock_path, errno);
  }
  if (::ftruncate(fd->get(), 0) != 0) return system_error("write", lock_path, errno);
  if (Status status = write_all(fd->get(), std::to_string(::getpid()) + "\n", lock_path); !status) {
    return status.error();
  }
  return FileLock(*std::move(fd));
}

Result<FileLock> FileLock::wait_for(const std::string& lock_path) {
  Result<UniqueFd> fd = open_lock(lock_path);
  if (!fd.ok()) return fd.error();
  if (Status status = lock(*fd, LOCK_EX, lock_path); !status) return status.error();
  return FileLock(*std::move(fd));
}

}  // namespace trueque
