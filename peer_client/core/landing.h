// Where downloads land: the folder and the name of each, and whether the content is
// there already. Shared by all downloads of a run: folders stay open between files of
// the same one. Safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "peer_client/core/download.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

class Landing {
 public:
  // Without `shared_dir` files land in the current folder.
  explicit Landing(std::string shared_dir) : shared_dir_(std::move(shared_dir)) {}

  struct Place {
    std::shared_ptr<const TargetFolder> folder;
    std::string name;                   // final component
    std::optional<std::string> shared;  // folder within shared_dir, "" for its top
    bool exact = false;                 // the person named this very file

    std::string path() const { return folder->path_of(name); }
    std::optional<std::string> shared_name() const;
  };

  // kNotFound for a folder that is not there yet, unless it is to `create` it.
  Result<Place> choose(const DownloadRequest& request, bool create);

  // Looks at `name`, `name (2)`, ... for the content: gives the outcome when one has
  // it, and otherwise sets place.name to the first free one.
  Result<std::optional<DownloadOutcome>> settle_name(const DownloadRequest& request, Place& place,
                                                     const Cancellation& cancellation) const;

  // Gives the part its final name; another one when that was taken meanwhile. The outcome
  // when what took it is the content. The folder is still to be synced.
  Result<std::optional<DownloadOutcome>> give_name(const DownloadRequest& request, Place& place,
                                                   const std::string& part,
                                                   const Cancellation& cancellation) const;

 private:
  struct Output {
    std::string real;                   // the folder, all links resolved
    std::optional<std::string> inside;  // its name within shared_dir
  };

  Result<Place> place_below(const std::string& root, const std::string& name, bool shared,
                            bool create);
  Result<Place> place_output(const std::string& output, const std::string& file_name);
  Result<Place> place_in_tree(const std::string& output, const std::string& file_name, bool create);
  Result<Output> resolve(const std::string& output) const;
  Result<std::shared_ptr<const TargetFolder>> open(const std::string& root,
                                                   const std::string& folder, bool create);

  const std::string shared_dir_;
  std::mutex mutex_;  // guards the next two
  std::unordered_map<std::string, std::shared_ptr<const TargetFolder>> open_;
  std::unordered_map<std::string, Output> outputs_;
};

// What is known of the choice, with `result`.
DownloadOutcome outcome_of(DownloadOutcome::Result result, const FileChoice& choice);

}  // namespace trueque
