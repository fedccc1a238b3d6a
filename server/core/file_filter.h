// What a listing of files picks; every repository that lists follows this. A file is
// picked when all that was asked for holds: one of the names or contents, the folder
// it is below, the pattern. Whose peers share it is for the repository to say.
// Immutable, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/base/glob.h"
#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

class FileFilter {
 public:
  // Of a query that is valid apart from its pattern; kInvalidArgument names `pattern`.
  static Result<FileFilter> make(const FileQuery& query);

  // By folder and pattern. `steps` grows by the work the pattern takes (see Glob).
  bool takes_place(std::string_view name, std::uint64_t& steps) const;
  // By names and content ids: either will do, and all files when there are none of both.
  bool takes_name(std::string_view name) const;
  bool takes_content(const std::optional<Content>& content) const;

  // For finding candidates. Names and content ids as asked for, each once.
  bool is_about_names_or_contents() const { return !names_.empty() || !contents_.empty(); }
  const std::unordered_set<std::string>& names() const { return names_; }
  const std::unordered_set<ContentId, ContentIdHash>& contents() const { return contents_; }
  const std::string& peer_name() const { return peer_name_; }  // empty: whoever
  // What every name that is taken begins with; may be empty.
  const std::string& prefix() const { return prefix_; }
  // What the searchable form of every name that is taken holds; may be empty.
  const std::vector<std::string>& words() const { return words_; }

 private:
  FileFilter() = default;

  std::unordered_set<std::string> names_;
  std::unordered_set<ContentId, ContentIdHash> contents_;
  std::string peer_name_;
  std::string folder_;  // with a '/' at its end, or empty
  std::optional<Glob> pattern_;
  std::string prefix_;
  std::vector<std::string> words_;
};

}  // namespace trueque
