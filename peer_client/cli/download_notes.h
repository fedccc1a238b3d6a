// Where downloads go that are not found by looking into the shared folder: one small
// JSON file each, beside the session file, so that `resume` finds their parts. A note
// that makes no sense is passed over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "peer_client/cli/fetching.h"

namespace trueque {

struct DownloadNote {
  std::string file_name;  // as the directory lists it
  ContentId content;
  std::uint64_t size = 0;  // bytes
  std::string output;      // the file it is to become, an absolute path
};

// Of those that looking into the shared folder would not find. A file of one piece is
// worth no note: nothing of it is kept.
std::vector<DownloadNote> notes_for(const std::vector<FileChoice>& choices, const FetchPlan& plan,
                                    const std::string& shared_dir);

class DownloadNotes {
 public:
  // `state_folder`: "" when there is none; then nothing is kept.
  explicit DownloadNotes(const std::string& state_folder);

  std::vector<DownloadNote> all() const;
  // Those of the contents of `choices`; no other is read.
  std::vector<DownloadNote> of(const std::vector<FileChoice>& choices) const;
  Status add(const DownloadNote& note) const;
  void remove(const DownloadNote& note) const;

 private:
  std::vector<DownloadNote> read_those(
      const std::function<bool(const std::string& name)>& wanted) const;
  std::string path_of(const DownloadNote& note) const;

  std::string folder_;
};

}  // namespace trueque
