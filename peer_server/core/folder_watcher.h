// Changes below the shared folder, through inotify. Says where to look again, not
// what happened: the caller reads the state itself, so the order of events does
// not matter. For one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "common/base/files.h"

namespace trueque {

struct WatchReport {
  std::set<std::string> files;     // names to look at again
  std::set<std::string> journals;  // of downloads, to look at again
  std::set<std::string> folders;   // to be scanned again, "" is the shared folder
  bool overflow = false;           // events were lost: scan everything
};

class FolderWatcher {
 public:
  enum class Watched { kYes, kLimitReached, kFailed };

  // `root`: the shared folder's absolute path.
  explicit FolderWatcher(std::string root);

  // To poll for reading; -1 when the system has no inotify left.
  int fd() const { return inotify_.get(); }

  // Watches one folder, not those below it. Call before reading the folder. That the
  // shared folder itself is moved makes fd() readable, and no more.
  Watched watch(const std::string& folder);
  void forget_all();
  // All events that wait.
  WatchReport read();

 private:
  // Stops watching the folder and all below it.
  void forget(const std::string& folder);
  void note(int descriptor, unsigned mask, const std::string& name, WatchReport& report);

  std::string root_;
  UniqueFd inotify_;
  std::unordered_map<int, std::string> folders_;  // by watch descriptor
  std::map<std::string, int> descriptors_;        // by folder
};

}  // namespace trueque
