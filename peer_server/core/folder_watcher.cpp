#include "peer_server/core/folder_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "common/content/part_name.h"

namespace trueque {
namespace {

constexpr unsigned kEvents = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM |
                             IN_MOVED_TO | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;

}  // namespace

FolderWatcher::FolderWatcher(std::string root)
    : root_(std::move(root)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderWatcher::Watched FolderWatcher::watch(const std::string& folder) {
  if (!inotify_.valid()) return Watched::kLimitReached;
  const std::string path = folder.empty() ? root_ : root_ + "/" + folder;
  const int descriptor = ::inotify_add_watch(
      inotify_.get(), path.c_str(), kEvents | (folder.empty() ? IN_MOVE_SELF : IN_DONT_FOLLOW));
  if (descriptor < 0) return errno == ENOSPC ? Watched::kLimitReached : Watched::kFailed;
  // The folder may have been watched under another name before it was moved.
  const auto known = folders_.find(descriptor);
  if (known != folders_.end() && known->second != folder) descriptors_.erase(known->second);
  folders_[descriptor] = folder;
  descriptors_[folder] = descriptor;
  return Watched::kYes;
}

void FolderWatcher::forget(const std::string& folder) {
  const std::string below = folder + "/";
  std::vector<std::string> gone;
  if (descriptors_.contains(folder)) gone.push_back(folder);
  for (auto each = descriptors_.lower_bound(below);
       each != descriptors_.end() && each->first.starts_with(below); ++each)
    gone.push_back(each->first);
  for (const std::string& each : gone) {
    const int descriptor = descriptors_[each];
    ::inotify_rm_watch(inotify_.get(), descriptor);
    folders_.erase(descriptor);
    descriptors_.erase(each);
  }
}

void FolderWatcher::forget_all() {
  for (const auto& [descriptor, folder] : folders_) ::inotify_rm_watch(inotify_.get(), descriptor);
  folders_.clear();
  descriptors_.clear();
}

WatchReport FolderWatcher::read() {
  WatchReport report;
  alignas(inotify_event) std::array<char, 16384> buffer;
  while (inotify_.valid()) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      // The name is padded with zeros.
      const std::string name = event.len > 0 ? std::string(buffer.data() + at + sizeof event) : "";
      note(event.wd, event.mask, name, report);
      at += sizeof event + event.len;
    }
  }
  return report;
}

void FolderWatcher::note(int descriptor, unsigned mask, const std::string& name,
                         WatchReport& report) {
  if ((mask & IN_Q_OVERFLOW) != 0) report.overflow = true;
  const auto found = folders_.find(descriptor);
  if (found == folders_.end()) return;
  if ((mask & IN_IGNORED) != 0) {
    descriptors_.erase(found->second);
    folders_.erase(found);
    return;
  }
  const bool journal = is_journal_name(name);
  if (name.empty() || (name.front() == '.' && !journal)) return;
  const std::string path = found->second.empty() ? name : found->second + "/" + name;
  if (journal) {
    report.journals.insert(path);
  } else if ((mask & IN_ISDIR) == 0) {
    report.files.insert(path);
  } else if ((mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) != 0) {
    if ((mask & (IN_MOVED_FROM | IN_DELETE)) != 0) forget(path);
    report.folders.insert(path);
  } else if ((mask & IN_ATTRIB) != 0) {
    report.folders.insert(path);  // it may have become readable
  }
}

}  // namespace trueque
