// Reads one folder's entries without following links out of it.
#pragma once

#include <string>
#include <vector>

#include "common/base/logging.h"
#include "common/base/result.h"
#include "peer_server/core/folder_root.h"

namespace trueque {

struct FolderListing {
  struct File {
    std::string name;  // within the shared folder
    FileStamp stamp;
  };
  std::vector<File> files;            // regular, or links to such within the folder
  std::vector<std::string> folders;   // real ones
  std::vector<std::string> links;     // all of them, wherever they lead
  std::vector<std::string> journals;  // of downloads; hidden, as their parts are
};

// Skips what else is hidden, and, with a line in the log, names that cannot be shared.
// Any thread.
Result<FolderListing> list_folder(const FolderRoot& root, const std::string& folder,
                                  const Log& log);

}  // namespace trueque
