#include "peer_server/core/open_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trueque {
namespace {

Error changed(const std::string& name) {
  return make_error(Code::kFailedPrecondition,
                    "'" + name + "' changed since it was hashed; ask the directory again later");
}

}  // namespace

OpenFile::OpenFile(UniqueFd fd, std::string name, const FileStamp& stamp)
    : fd_(std::move(fd)), name_(std::move(name)), stamp_(stamp) {}

Result<OpenFile> OpenFile::adopt(UniqueFd fd, std::string name, const FileStamp& stamp) {
  OpenFile file(std::move(fd), std::move(name), stamp);
  if (Status same = file.check(); !same) return same.error();
  return file;
}

Status OpenFile::read(std::span<std::uint8_t> bytes, std::uint64_t offset) const {
  const std::array parts = {bytes};
  return read(parts, offset);
}

Status OpenFile::read(std::span<const std::span<std::uint8_t>> parts, std::uint64_t offset) const {
  for (const std::span<std::uint8_t> part : parts) {
    if (Status filled = read_exactly(fd_.get(), part, offset, name_); !filled) return filled;
    offset += part.size();
  }
  return check();
}

void OpenFile::expect(std::uint64_t offset, std::uint64_t length) const {
  expect_reading(fd_.get(), offset, length);
}

void OpenFile::expect_in_order() const { expect_reading_in_order(fd_.get()); }

Status OpenFile::check() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return system_error("read", name_, errno);
  return stamp_of(status) == stamp_ ? Status() : Status(changed(name_));
}

Status read_exactly(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset,
                    const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", name, errno);
    if (got == 0) return changed(name);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

// Where a hint is not understood, reading is as fast as it is.
void expect_reading(int fd, std::uint64_t offset, std::uint64_t length) {
  (void)::posix_fadvise(fd, static_cast<off_t>(offset), static_cast<off_t>(length),
                        POSIX_FADV_WILLNEED);
}

void expect_reading_in_order(int fd) { (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); }

}  // namespace trueque
