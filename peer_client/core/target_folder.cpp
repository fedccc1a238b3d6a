#include "peer_client/core/target_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>

#include "common/base/file_name.h"
#include "common/base/text.h"

namespace trueque {
namespace {

// On this machine's own files a refused access is a write error like any other.
Error local_error(std::string_view action, std::string_view path, int number) {
  Error error = system_error(action, path, number);
  error.code = Code::kAborted;
  if (number == ENOSPC || number == EDQUOT) error.message += "; make room and run it again";
  return error;
}

bool is_link(int folder, const std::string& name) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

// What just failed to open a part or a journal; a link in its place says so.
Error cannot_open(std::string_view action, int folder, const std::string& name,
                  const std::string& path) {
  const int number = errno;
  if (number != ELOOP || !is_link(folder, name)) return local_error(action, path, number);
  return make_error(Code::kAborted, path +
                                        " is a symbolic link, and downloads are never written "
                                        "through one; remove it and run it again");
}

Result<UniqueFd> open_subfolder(int parent, const std::string& name, const std::string& path,
                                bool create) {
  if (create && ::mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST)
    return local_error("create the folder", path, errno);
  UniqueFd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.valid()) return fd;
  const int number = errno;
  if (is_link(parent, name)) {
    return make_error(Code::kFailedPrecondition,
                      path +
                          " is a symbolic link, and downloads are never written through one; "
                          "remove it or use --output");
  }
  if (number == ENOENT) return make_error(Code::kNotFound, "there is no folder " + path);
  return local_error("open the folder", path, number);
}

// The first name in the folder that `wanted` says yes to.
std::optional<std::string> find_entry(int folder,
                                      const std::function<bool(std::string_view)>& wanted) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(copy), &::closedir);
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    if (wanted(entry->d_name)) return entry->d_name;
  }
  return std::nullopt;
}

// That an opened part is ours alone, and still what the name means.
Status check_part(int folder, int fd, const std::string& name, const std::string& path) {
  struct stat opened {};
  // A second hard link would make this the content of another name as well.
  if (::fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode) || opened.st_nlink > 1) {
    return make_error(Code::kFailedPrecondition,
                      path + " is in the way of the download; remove it and try again");
  }
  const Error taken =
      make_error(Code::kFailedPrecondition, "another peer-client is fetching this file to " + path +
                                                "; wait for it to finish and try again");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return taken;
  // Its owner may have finished between our open and our lock: then this
  // descriptor is the finished file, which must not be written.
  struct stat named {};
  if (::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
      named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
    return taken;
  }
  return {};
}

bool move_part(int from, const std::string& part, int to, const std::string& wanted) {
  if (::renameat2(from, part.c_str(), to, wanted.c_str(), RENAME_NOREPLACE) == 0) return true;
  // A file system without RENAME_NOREPLACE: nothing of that name was there just now.
  const bool plain = errno == EINVAL || errno == ENOSYS;
  return plain && ::renameat(from, part.c_str(), to, wanted.c_str()) == 0;
}

}  // namespace

Result<std::uint64_t> PartFile::size() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return local_error("read", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Status PartFile::write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return local_error("write", path_, errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status PartFile::read_at(std::uint64_t offset, std::span<std::uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return local_error("read", path_, errno);
    if (got == 0)
      return make_error(Code::kAborted, path_ + " became shorter meanwhile; run it again");
    offset += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

void PartFile::start_writing_back(std::uint64_t offset, std::uint64_t length) const {
  (void)::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                          SYNC_FILE_RANGE_WRITE);
}

Status PartFile::cut(std::uint64_t size) const {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0)
    return local_error("write", path_, errno);
  return {};
}

Status PartFile::finish(std::uint64_t size) const {
  if (Status status = cut(size); !status) return status;
  if (::fsync(fd_.get()) != 0) return local_error("sync", path_, errno);
  return {};
}

Result<TargetFolder> TargetFolder::open(const std::string& root, std::string_view folder,
                                        bool create) {
  std::string path = root;
  UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return local_error("open the folder", root, errno);
  while (!folder.empty()) {
    const std::size_t end = std::min(folder.find('/'), folder.size());
    const std::string name(folder.substr(0, end));
    folder.remove_prefix(std::min(end + 1, folder.size()));
    path += "/" + name;
    Result<UniqueFd> next = open_subfolder(fd.get(), name, path, create);
    if (!next) return next.error();
    fd = std::move(*next);
  }
  return TargetFolder(std::move(fd), std::move(path));
}

std::string TargetFolder::path_of(std::string_view name) const {
  return path_ + (path_.ends_with('/') ? "" : "/") + std::string(name);
}

Result<UniqueFd> TargetFolder::open_file(const std::string& name) const {
  UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT)
    return make_error(Code::kNotFound, "there is no " + path_of(name));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return make_error(Code::kFailedPrecondition, path_of(name) + " is no readable file");
  return fd;
}

Result<PartFile> TargetFolder::open_part(const std::string& name, const ContentId& content) const {
  const std::string part = part_name(name, content);
  const std::string path = path_of(part);
  if (!has(part)) {
    if (auto adopted = adopt_part(part, content)) return std::move(*adopted);
  }
  UniqueFd fd(::openat(fd_.get(), part.c_str(),
                       O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644));
  if (!fd.valid()) return cannot_open("create", fd_.get(), part, path);
  if (Status status = check_part(fd_.get(), fd.get(), part, path); !status) return status.error();
  return PartFile(std::move(fd), part, path);
}

std::optional<PartFile> TargetFolder::adopt_part(const std::string& wanted,
                                                 const ContentId& content) const {
  const std::string ending = part_ending(content);
  const auto found = find_entry(fd_.get(), [&](std::string_view name) {
    return name.starts_with('.') && name.ends_with(ending) && name != wanted;
  });
  return found ? take_part(*this, *found, wanted) : std::nullopt;
}

// The journal first: alone under the new name it does no harm, and whoever wants the part
// there the next time finds both together again.
std::optional<PartFile> TargetFolder::take_part(const TargetFolder& from, const std::string& part,
                                                const std::string& wanted) const {
  if (from.device() != device() || has(wanted)) return std::nullopt;
  UniqueFd fd(::openat(from.fd_.get(), part.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid() || !check_part(from.fd_.get(), fd.get(), part, part)) return std::nullopt;
  ::renameat(from.fd_.get(), (part + kJournalSuffix).c_str(), fd_.get(),
             (wanted + kJournalSuffix).c_str());
  if (!move_part(from.fd_.get(), part, fd_.get(), wanted)) return std::nullopt;
  return PartFile(std::move(fd), wanted, path_of(wanted));
}

bool TargetFolder::has(const std::string& name) const {
  return ::faccessat(fd_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<PartFile> TargetFolder::open_journal(const PartFile& part, bool create) const {
  const std::string name = part.name() + kJournalSuffix;
  const std::string path = path_of(name);
  const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (create ? O_CREAT : 0);
  UniqueFd fd(::openat(fd_.get(), name.c_str(), flags, 0644));
  if (!fd.valid() && errno == ENOENT) return make_error(Code::kNotFound, "there is no " + path);
  if (!fd.valid()) return cannot_open("open", fd_.get(), name, path);
  struct stat opened {};
  if (::fstat(fd.get(), &opened) != 0 || !S_ISREG(opened.st_mode) || opened.st_nlink > 1) {
    return make_error(Code::kFailedPrecondition,
                      path + " is in the way of the download; remove it and try again");
  }
  return PartFile(std::move(fd), name, path);
}

Result<PartFile> TargetFolder::open_scratch() const {
  UniqueFd fd(::openat(fd_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  // Not every file system has files without a name.
  if (!fd.valid()) fd.reset(::memfd_create("trueque", MFD_CLOEXEC));
  if (!fd.valid()) return local_error("create a file in", path_, errno);
  return PartFile(std::move(fd), "", path_);
}

Result<PartFile> TargetFolder::create_part(const std::string& name,
                                           const ContentId& content) const {
  const std::string part = part_name(name, content);
  const std::string path = path_of(part);
  UniqueFd fd(::openat(fd_.get(), part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid() && errno == EEXIST)
    return make_error(Code::kAlreadyExists, "there is a part " + path);
  if (!fd.valid()) return local_error("create", path, errno);
  return PartFile(std::move(fd), part, path);
}

Status TargetFolder::give_name(const std::string& from, const std::string& name) const {
  int failed = ::renameat2(fd_.get(), from.c_str(), fd_.get(), name.c_str(), RENAME_NOREPLACE);
  if (failed != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // A file system without RENAME_NOREPLACE: a hard link does not replace either.
    failed = ::linkat(fd_.get(), from.c_str(), fd_.get(), name.c_str(), 0);
    if (failed == 0) ::unlinkat(fd_.get(), from.c_str(), 0);
  }
  if (failed != 0 && errno == EEXIST)
    return make_error(Code::kAlreadyExists, "there is a different file " + path_of(name));
  if (failed != 0 && errno == ENOENT) {
    return make_error(Code::kAborted, "what was fetched is gone: somebody removed " +
                                          path_of(from) + " or its folder meanwhile; get it again");
  }
  if (failed != 0) return local_error("rename to", path_of(name), errno);
  return {};
}

Status TargetFolder::sync() const {
  // Some file systems cannot sync a folder and say EINVAL; nothing more to do there.
  if (::fsync(fd_.get()) != 0 && errno != EINVAL) return local_error("sync", path_, errno);
  return {};
}

Status TargetFolder::sync_file_system() const {
  if (::syncfs(fd_.get()) != 0) return local_error("sync", path_, errno);
  return {};
}

std::uint64_t TargetFolder::device() const {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 ? status.st_dev : 0;
}

void TargetFolder::remove(const std::string& part) const { ::unlinkat(fd_.get(), part.c_str(), 0); }

Result<std::uint64_t> TargetFolder::remove_part(const std::string& part) const {
  const std::string path = path_of(part);
  UniqueFd fd(::openat(fd_.get(), part.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return local_error("open", path, errno);
  if (Status status = check_part(fd_.get(), fd.get(), part, path); !status) return status.error();
  const PartFile file(std::move(fd), part, path);
  struct stat status {};
  std::uint64_t freed = 0;
  if (::fstat(file.fd(), &status) == 0) freed = static_cast<std::uint64_t>(status.st_blocks) * 512;
  if (::unlinkat(fd_.get(), part.c_str(), 0) != 0) return local_error("remove", path, errno);
  remove_journal(file);
  return freed;
}

void TargetFolder::remove_journal(const PartFile& part) const {
  ::unlinkat(fd_.get(), (part.name() + kJournalSuffix).c_str(), 0);
}

std::string numbered_name(const std::string& name, unsigned number) {
  if (number <= 1) return name;
  const std::string ending = " (" + std::to_string(number) + ")";
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string::npos && dot > 0 && name.size() - dot <= 16;
  const std::string extension = has_extension ? name.substr(dot) : std::string();
  const std::string stem = has_extension ? name.substr(0, dot) : name;
  const std::size_t room = kMaxComponentBytes - ending.size() - extension.size();
  return std::string(first_bytes(stem, room)) + ending + extension;
}

}  // namespace trueque
