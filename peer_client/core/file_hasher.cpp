#include "peer_client/core/file_hasher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "common/base/files.h"
#include "common/content/file_hashing.h"

namespace trueque {
namespace {

// On this machine's own files a refused access is a read error like any other.
Error local_error(std::string_view action, const std::string& path, int number) {
  Error error = system_error(action, path, number);
  if (error.code == Code::kPermissionDenied) error.code = Code::kAborted;
  return error;
}

Error changed(const std::string& path) {
  return make_error(Code::kAborted, path + " changed while it was read; try again when it rests");
}

unsigned threads_for(std::uint64_t size) {
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  return static_cast<unsigned>(std::min(cores, PieceLayout(size).piece_count()));
}

// Reads for several threads; only the one that made it tells of the progress.
struct Reader {
  const int fd;
  const std::string& path;
  const std::uint64_t size;
  const Progress& progress;
  const Cancellation& cancellation;
  const std::thread::id teller = std::this_thread::get_id();
  std::atomic<std::uint64_t> bytes_read = 0;

  Status read(std::span<std::uint8_t> bytes, std::uint64_t offset) {
    if (cancellation.cancelled()) return make_error(Code::kCancelled, "interrupted");
    for (std::span<std::uint8_t> rest = bytes; !rest.empty();) {
      const ssize_t got = ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return local_error("read", path, errno);
      if (got == 0) return changed(path);
      rest = rest.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    bytes_read += bytes.size();
    if (progress && std::this_thread::get_id() == teller) progress(bytes_read, size);
    return {};
  }

  // Everything was read up to the size it had; there must be no more.
  Status check_end() const {
    char byte = 0;
    const ssize_t got = ::pread(fd, &byte, 1, static_cast<off_t>(size));
    if (got < 0) return local_error("read", path, errno);
    return got == 0 ? Status() : changed(path);
  }
};

}  // namespace

Result<Content> hash_file(int fd, const std::string& path, const Progress& progress,
                          const Cancellation& cancellation) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return local_error("read", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return make_error(Code::kAborted, "cannot read " + path + ": it is not a regular file");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > kMaxFileSize) return make_error(Code::kAborted, path + " is over 2^53 - 1 bytes");
  Reader reader{fd, path, size, progress, cancellation};
  FileHashing hashing(size,
                      [&reader](auto bytes, auto offset) { return reader.read(bytes, offset); });
  if (Status hashed = hash_all(hashing, threads_for(size)); !hashed) return hashed.error();
  if (Status whole = reader.check_end(); !whole) return whole.error();
  if (progress && size > 0) progress(size, size);
  return Content{size, hashing.id()};
}

Result<Content> hash_file(const std::string& path, const Progress& progress,
                          const Cancellation& cancellation) {
  // O_NONBLOCK: a FIFO must not block the open.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return local_error("open", path, errno);
  return hash_file(fd.get(), path, progress, cancellation);
}

}  // namespace trueque
