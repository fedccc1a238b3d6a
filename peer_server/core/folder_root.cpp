#include "peer_server/core/folder_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "common/base/file_name.h"
#include "common/content/part_name.h"

namespace trueque {
namespace {

// O_NONBLOCK: a pipe or device must not make anyone wait.
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// RESOLVE_BENEATH answers EAGAIN when something is renamed while it looks.
constexpr int kRaceRetries = 16;

int openat2(int root, const char* name, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = resolve;
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, name, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || attempt == kRaceRetries) return static_cast<int>(fd);
  }
}

// One component at a time, none of them a link.
int open_by_components(int root, const std::string& name, int flags) {
  UniqueFd folder;
  std::size_t start = 0;
  while (true) {
    const int from = folder.valid() ? folder.get() : root;
    const std::size_t slash = name.find('/', start);
    const std::string component = name.substr(start, slash - start);
    if (slash == std::string::npos) return ::openat(from, component.c_str(), flags | O_NOFOLLOW);
    constexpr int kFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd next(::openat(from, component.c_str(), kFolder));
    if (!next.valid()) return -1;
    folder = std::move(next);
    start = slash + 1;
  }
}

// Where an open file or folder really is; empty when it cannot be told.
std::string real_path(int fd) {
  std::array<char, PATH_MAX> buffer{};
  const std::string magic = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = ::readlink(magic.c_str(), buffer.data(), buffer.size());
  return length <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(length));
}

mode_t type_of(int root, const std::string& name) {
  struct stat status {};
  if (::fstatat(root, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return status.st_mode & S_IFMT;
}

Error refused(const std::string& name, const std::string& why) {
  return make_error(Code::kPermissionDenied, "'" + name + "' " + why);
}

}  // namespace

FolderRoot::FolderRoot(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {
  // Missing from old kernels, and refused by old container sandboxes.
  const UniqueFd probe(openat2(fd_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC, RESOLVE_BENEATH));
  has_openat2_ = probe.valid();
}

Result<FolderRoot> FolderRoot::open(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return system_error("open the folder", path, errno);
  UniqueFd fd(::open(real.get(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open the folder", path, errno);
  return FolderRoot(real.get(), std::move(fd));
}

Result<bool> FolderRoot::follow_path() {
  struct stat there {};
  struct stat held {};
  if (::stat(path_.c_str(), &there) != 0) return system_error("open the folder", path_, errno);
  if (::fstat(fd_.get(), &held) != 0) return system_error("read the folder", path_, errno);
  if (there.st_dev == held.st_dev && there.st_ino == held.st_ino) return false;
  const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open the folder", path_, errno);
  // In one step, under the number other threads use.
  if (::dup3(fd.get(), fd_.get(), O_CLOEXEC) < 0)
    return system_error("open the folder", path_, errno);
  return true;
}

bool FolderRoot::is_link(const std::string& name) const {
  return type_of(fd_.get(), name) == S_IFLNK;
}

bool FolderRoot::is_regular(const std::string& name) const {
  return type_of(fd_.get(), name) == S_IFREG;
}

// Follows no link.
Result<UniqueFd> FolderRoot::open_beneath(const std::string& name, int flags) const {
  constexpr std::uint64_t kResolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  UniqueFd fd(has_openat2_ ? openat2(fd_.get(), name.c_str(), flags, kResolve)
                           : open_by_components(fd_.get(), name, flags));
  if (fd.valid()) return fd;
  if (errno == EXDEV || errno == ELOOP) return refused(name, "is a link that is not followed");
  return system_error("open", name, errno);
}

Result<UniqueFd> FolderRoot::open_file(const std::string& name) const {
  if (Status valid = validate_file_name(name); !valid)
    return make_error(Code::kInvalidArgument, "the name " + valid.error().message);
  if (is_hidden(name)) return refused(name, "is hidden");
  Result<UniqueFd> fd = is_link(name) ? open_link(name) : open_beneath(name, kReadFlags);
  if (!fd) return fd;
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return system_error("read", name, errno);
  if (!S_ISREG(status.st_mode)) return refused(name, "is no regular file");
  return fd;
}

// Asks where the link ends and opens that by its own name, without following any link: what
// changes in between cannot lead out of the folder, nor to what is hidden.
Result<UniqueFd> FolderRoot::open_link(const std::string& name) const {
  const Result<std::string> target = target_within(name);
  if (!target) return target.error();
  return open_beneath(*target, kReadFlags);
}

Result<std::string> FolderRoot::target_within(const std::string& link) const {
  const std::string last(last_component(link));
  const std::string parent = link.substr(0, link.size() - last.size());
  Result<UniqueFd> folder = open_directory(parent.substr(0, parent.rfind('/')));
  if (!folder) return folder.error();
  // O_PATH: found, and neither read nor waited for.
  const UniqueFd end(::openat(folder->get(), last.c_str(), O_PATH | O_CLOEXEC));
  if (!end.valid() && errno == ELOOP) return refused(link, "is a link that leads to itself");
  if (!end.valid()) return system_error("open", link, errno);
  const std::string real = real_path(end.get());
  std::string inside = real_path(fd_.get());
  if (real.empty() || inside.empty()) return refused(link, "is a link whose target cannot be told");
  if (!inside.ends_with('/')) inside += '/';
  if (!real.starts_with(inside) || is_hidden(std::string_view(real).substr(inside.size())))
    return refused(link, "is a link to what is not shared");
  return real.substr(inside.size());
}

Result<UniqueFd> FolderRoot::open_journal(const std::string& name) const {
  return open_download(name, name);
}

Result<UniqueFd> FolderRoot::open_part_of(const std::string& journal) const {
  return open_download(journal, part_of_journal(journal));
}

Result<UniqueFd> FolderRoot::open_download(const std::string& journal,
                                           const std::string& name) const {
  if (Status valid = validate_file_name(journal); !valid || !is_journal_name(journal))
    return make_error(Code::kInvalidArgument, "'" + journal + "' is no journal's name");
  const std::string_view folder =
      std::string_view(journal).substr(0, journal.size() - last_component(journal).size());
  if (is_hidden(folder)) return refused(name, "is hidden");
  Result<UniqueFd> fd = open_beneath(name, kReadFlags);
  if (!fd) return fd;
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return system_error("read", name, errno);
  if (!S_ISREG(status.st_mode)) return refused(name, "is no regular file");
  return fd;
}

Result<UniqueFd> FolderRoot::open_directory(const std::string& name) const {
  Status valid = name.empty() ? Status() : validate_file_name(name);
  if (!valid) return make_error(Code::kInvalidArgument, "the name " + valid.error().message);
  const std::string path = name.empty() ? "." : name;
  return open_beneath(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

Result<FileStamp> FolderRoot::stamp(const std::string& name) const {
  const Result<UniqueFd> fd = open_file(name);
  if (!fd) return fd.error();
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return system_error("read", name, errno);
  return stamp_of(status);
}

}  // namespace trueque
