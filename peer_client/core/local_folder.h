// The shared folder as the person's side sees it: which names it holds and what
// they contain. Hidden files, anything that is no regular file, and links that
// leave the folder are not there. Not synchronised; holds no state but the path.
#pragma once

#include <string>
#include <vector>

#include "peer_client/core/file_hasher.h"

namespace trueque {

class LocalFolder {
 public:
  // An empty path is no folder: nothing is in it.
  explicit LocalFolder(std::string path) : path_(std::move(path)) {}

  bool configured() const { return !path_.empty(); }
  const std::string& path() const { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  struct Listing {
    std::vector<std::string> names;    // sorted
    std::vector<std::string> refused;  // names that cannot cross the wire
  };
  // All of it, or what is below `folder`.
  Result<Listing> list(const std::string& folder = {}) const;
  bool is_folder(const std::string& name) const;
  // kNotFound when the folder does not share that name.
  Result<Content> content_of(const std::string& name, const Progress& progress,
                             const Cancellation& cancellation) const;

 private:
  std::string path_;
};

}  // namespace trueque
