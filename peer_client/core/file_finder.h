// Asks the directory who has a file, and keeps only answers to the question.
#pragma once

#include "peer_client/core/file_choice.h"
#include "peer_client/core/session.h"

namespace trueque {

class FileFinder {
 public:
  explicit FileFinder(Session& session) : session_(session) {}

  // The contents known by `name` (a whole name, or a last component), at least one;
  // with `content` that one alone, from whoever has it under any name.
  // kNotFound when nobody has it.
  Result<std::vector<FileChoice>> find(const std::string& name,
                                       const std::optional<ContentId>& content);
  // Adds to one of several choices those who have its content under other names; find()
  // has done that where it gave one alone.
  void complete(FileChoice& choice);
  // Up to ten names that look like `name`; none when the directory cannot search.
  std::vector<std::string> near_names(const std::string& name);

 private:
  Result<std::vector<FileChoice>> by_name(const std::string& name);
  Result<std::vector<FileChoice>> by_content(const std::string& name, const ContentId& content);

  Session& session_;
};

}  // namespace trueque
