#include "peer_client/core/local_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace trueque {
namespace {

// At a time, so that whoever interrupts it need not wait for long.
constexpr std::uint64_t kStep = 16UL * 1024 * 1024;
constexpr std::size_t kPortion = 256UL * 1024;

Status copy_portion(const PartFile& from, const PartFile& part, std::uint64_t offset,
                    std::uint64_t length) {
  std::vector<std::uint8_t> buffer(std::min<std::uint64_t>(length, kPortion));
  for (std::uint64_t done = 0; done < length;) {
    const auto portion =
        std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), length - done));
    if (Status status = from.read_at(offset + done, portion); !status) return status;
    if (Status status = part.write_at(offset + done, portion); !status) return status;
    done += portion.size();
  }
  return {};
}

// Bytes the kernel copied; 0 where it cannot, between these two.
std::uint64_t copy_in_kernel(const PartFile& from, const PartFile& part, std::uint64_t offset,
                             std::uint64_t length) {
  auto in = static_cast<loff_t>(offset);
  auto out = in;
  const ssize_t copied = ::copy_file_range(from.fd(), &in, part.fd(), &out, length, 0);
  return copied > 0 ? static_cast<std::uint64_t>(copied) : 0;
}

}  // namespace

Status copy_file(const std::string& path, const PartFile& part, const Cancellation& cancellation) {
  const PartFile from(UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)), "", path);
  struct stat status {};
  if (from.fd() < 0 || ::fstat(from.fd(), &status) != 0 || !S_ISREG(status.st_mode))
    return make_error(Code::kNotFound, "there is no file " + path + " any more");
  if (::ioctl(part.fd(), FICLONE, from.fd()) == 0) return {};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  for (std::uint64_t offset = 0; offset < size;) {
    if (cancellation.cancelled()) return make_error(Code::kCancelled, "interrupted");
    const std::uint64_t step = std::min(kStep, size - offset);
    std::uint64_t copied = copy_in_kernel(from, part, offset, step);
    if (copied == 0) {
      if (Status done = copy_portion(from, part, offset, step); !done) return done;
      copied = step;
    }
    offset += copied;
  }
  return part.cut(size);
}

}  // namespace trueque
