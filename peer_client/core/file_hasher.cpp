#include "peer_client/core/file_hasher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "common/base/files.h"
#include "common/content/merkle_tree.h"

namespace trueque {
namespace {

constexpr std::size_t kReadSize = 1024 * 1024;

// On this machine's own files a refused access is a read error like any other.
Error local_error(std::string_view action, const std::string& path, int number) {
  Error error = system_error(action, path, number);
  if (error.code == Code::kPermissionDenied) error.code = Code::kAborted;
  return error;
}

Error changed(const std::string& path) {
  return make_error(Code::kAborted, path + " changed while it was read; try again when it rests");
}

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
  ContentHasher hasher(size);
  std::vector<std::uint8_t> buffer(kReadSize);
  while (true) {
    if (cancellation.cancelled()) return make_error(Code::kCancelled, "interrupted");
    const ssize_t got =
        ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(hasher.position()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return local_error("read", path, errno);
    if (got == 0) break;
    if (!hasher.update({buffer.data(), static_cast<std::size_t>(got)})) return changed(path);
    if (progress) progress(hasher.position(), size);
  }
  if (hasher.position() != size) return changed(path);
  return Content{size, root_of_pieces(PieceLayout(size), hasher.take_piece_hashes())};
}

Result<Content> hash_file(const std::string& path, const Progress& progress,
                          const Cancellation& cancellation) {
  // O_NONBLOCK: a FIFO must not block the open.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return local_error("open", path, errno);
  return hash_file(fd.get(), path, progress, cancellation);
}

}  // namespace trueque
