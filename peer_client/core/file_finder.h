// Asks the directory who has a file, and keeps only answers to the question.
#pragma once

#include <utility>

#include "peer_client/core/file_choice.h"
#include "peer_client/core/session.h"

namespace trueque {

// What is wrong with a name that a person typed, whole or a folder's: `why` begins with a
// verb.
Error no_file_name(const std::string& typed, const Error& why);

class FileFinder {
 public:
  // `from`: choices are what that person shares alone; may be empty.
  explicit FileFinder(Session& session, std::string from = {})
      : session_(session), from_(std::move(from)) {}

  // The contents known by `name` (a whole name, or a last component), at least one;
  // with `content` that one alone, from whoever has it under any name; then `name` may be
  // empty.
  // kNotFound when nobody has it.
  Result<std::vector<FileChoice>> find(const std::string& name,
                                       const std::optional<ContentId>& content);
  // Adds to one of several choices those who have its content under other names; find()
  // has done that where it gave one alone.
  void complete(FileChoice& choice);
  // Up to ten names that look like `name`, first of all "name/" where that is a folder; none
  // when the directory cannot search.
  std::vector<std::string> near_names(const std::string& name);

 private:
  Result<std::vector<FileChoice>> by_name(const std::string& name);
  Result<std::vector<FileChoice>> by_content(const std::string& name, const ContentId& content);

  Error nobody(const std::string& name) const;
  Error nobody(const std::string& name, const ContentId& content) const;
  bool is_folder(const std::string& name);
  bool is_from(const FileSource& row) const { return from_.empty() || row.peer_name == from_; }

  Session& session_;
  const std::string from_;
};

}  // namespace trueque
