#include "peer_server/core/folder_scanner.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>

#include "common/base/file_name.h"
#include "common/content/part_name.h"

namespace trueque {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

void add_entry(const FolderRoot& root, int folder, const char* component, const std::string& name,
               FolderListing& listing) {
  struct stat status {};
  if (::fstatat(folder, component, &status, AT_SYMLINK_NOFOLLOW) != 0) return;  // gone meanwhile
  if (S_ISDIR(status.st_mode)) {
    listing.folders.push_back(name);
  } else if (S_ISREG(status.st_mode)) {
    listing.files.push_back({name, stamp_of(status)});
  } else if (S_ISLNK(status.st_mode)) {
    listing.links.push_back(name);
    if (const Result<FileStamp> target = root.stamp(name)) listing.files.push_back({name, *target});
  }
}

}  // namespace

Result<FolderListing> list_folder(const FolderRoot& root, const std::string& folder,
                                  const Log& log) {
  Result<UniqueFd> fd = root.open_directory(folder);
  if (!fd) return fd.error();
  const std::unique_ptr<DIR, CloseDirectory> directory(
      ::fdopendir(::fcntl(fd->get(), F_DUPFD_CLOEXEC, 0)));
  if (!directory) return system_error("read the folder", folder, errno);
  FolderListing listing;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const bool journal = is_journal_name(entry->d_name);
    if (entry->d_name[0] == '.' && !journal) continue;
    const std::string name = folder.empty() ? entry->d_name : folder + "/" + entry->d_name;
    if (Status valid = validate_file_name(name); !valid) {
      log.warning("file_not_shared",
                  {{"name", name}, {"reason", "its name " + valid.error().message}});
      continue;
    }
    if (journal) {
      listing.journals.push_back(name);
      continue;
    }
    add_entry(root, fd->get(), entry->d_name, name, listing);
  }
  if (errno != 0) return system_error("read the folder", folder, errno);
  return listing;
}

}  // namespace trueque
