// Downloads that were begun and not finished, as their parts and journals on disk tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"

namespace trueque {

struct Unfinished {
  std::string name;                    // path within the folder looked into
  std::string folder;                  // where the part is
  std::string part;                    // its name in there
  std::string id8;                     // the first 8 digits of the content id
  std::optional<ContentId> content{};  // where there is a journal
  std::uint64_t size = 0;              // bytes; 0: not known here
  std::uint64_t there = 0;             // bytes of verified pieces, as the journal says

  std::string path() const { return folder + "/" + part; }
  // Of all of it; none while the size is not known.
  std::optional<unsigned> percent() const;
};

// Below `root`, sorted by name; hidden folders and links are not looked into. None where
// there is no such folder.
std::vector<Unfinished> find_unfinished(const std::string& root);

// The part of that name in `folder`, which is not looked for.
std::optional<Unfinished> unfinished_part(const std::string& folder, const std::string& part);

// The one of `content` that is to become the file `path`, if it was begun.
std::optional<Unfinished> unfinished_at(const std::string& path, const ContentId& content);

// Removes part and journal, and says how many bytes that freed. kFailedPrecondition when
// another client is at it.
Result<std::uint64_t> forget(const Unfinished& download);

}  // namespace trueque
