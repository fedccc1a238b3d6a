// What the shared folder holds by content, as the downloads of one run need it, whole or as
// a part that an earlier run left: the folder is walked once at most, no file is hashed
// twice, and what arrives meanwhile counts at once. Safe from any thread.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "peer_client/core/local_folder.h"

namespace trueque {

class HeldFiles {
 public:
  explicit HeldFiles(std::string shared_dir) : folder_(std::move(shared_dir)) {}

  // The name of a file with that content: one of `listed`, which are names it may well
  // have here; one known here; or one of its size, looking into at most four that nobody
  // looked into yet.
  std::optional<std::string> find(const Content& content, std::span<const std::string> listed,
                                  const Cancellation& cancellation);
  // A file that is there now.
  void add(const std::string& name, const ContentId& content);

  // The names of parts of downloads that are of this content, as far as their names tell.
  std::vector<std::string> parts_of(const ContentId& content);

  std::string path_of(const std::string& name) const { return folder_.path_of(name); }

 private:
  void walk_once();
  std::optional<std::string> known(const ContentId& content) const;
  std::vector<std::string> take_unseen(std::uint64_t size);
  bool has_size(const std::string& name, std::uint64_t size) const;
  bool holds(const std::string& name, const ContentId& content, const Cancellation& cancellation);

  const LocalFolder folder_;
  std::once_flag walked_;
  std::vector<std::string> parts_;  // since the walk
  mutable std::mutex mutex_;        // guards the next two
  LocalFolder::Sizes unseen_;       // by size, not looked into yet
  std::unordered_map<ContentId, std::string, ContentIdHash> by_content_;  // looked into, or arrived
};

}  // namespace trueque
