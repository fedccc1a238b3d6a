// Asks the directory who has what downloads that were begun are of: one request for many
// of them, and a second one where only their names are known.
#pragma once

#include <span>
#include <vector>

#include "peer_client/core/file_choice.h"
#include "peer_client/core/session.h"
#include "peer_client/core/unfinished.h"

namespace trueque {

class UnfinishedFinder {
 public:
  explicit UnfinishedFinder(Session& session) : session_(session) {}

  // Of each, in order: the content, who has it under whatever name, and as its file_name
  // the listed one that gives the part its name, where that had to be cut. kNotFound where
  // nobody shares it any more, and whatever keeps the directory from answering.
  std::vector<Result<FileChoice>> find(std::span<const Unfinished> parts);

 private:
  Status ask(std::span<const Unfinished> parts, std::vector<FileSource>& rows);
  // A directory without the request for many.
  Result<FileChoice> find_alone(const Unfinished& part);

  Session& session_;
};

}  // namespace trueque
