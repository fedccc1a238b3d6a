// The shared folder as the person's side sees it: which names it holds and what they
// contain. The rules are those of the peer-server beside it: hidden files, anything that
// is no regular file, links that end outside the folder or at what is hidden, and all
// behind linked folders are not there. Not synchronised; holds no state but the path.
#pragma once

#include <map>
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
  using Sizes = std::multimap<std::uint64_t, std::string>;
  struct Survey {
    Sizes names;                     // by size in bytes, links left out
    std::vector<std::string> parts;  // of downloads, by their names alone
  };
  // What is there; nothing is read. Of a folder of more than 100,000 files no names at all:
  // looking at each would cost more than it is worth. Its parts are those met until then.
  Survey survey() const;
  bool is_folder(const std::string& name) const;
  // A name that is there but hidden, by itself or by a folder on the way.
  bool is_hidden_here(const std::string& name) const;
  // kNotFound when the folder does not hold that name, kPermissionDenied when it does not
  // share what stands there.
  Result<Content> content_of(const std::string& name, const Progress& progress,
                             const Cancellation& cancellation) const;

 private:
  std::string path_;
};

}  // namespace trueque
