// One download: what is wanted, and what came of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "peer_client/core/file_choice.h"
#include "peer_client/core/transfer.h"

namespace trueque {

struct DownloadRequest {
  FileChoice choice;
  std::optional<std::string> output;  // a file or an existing folder
  // Asks the directory who has the content now; may be empty. Refers, as the next two, only
  // to what outlives DownloadSettings::aside: it may still be asking when the download is over.
  std::function<std::vector<FileSource>()> more_sources = nullptr;
  // Says to the directory that we fetch the content into our shared folder, where the
  // peer-server beside gives what we have of it, and that we no longer do. May be empty.
  std::function<Result<SwarmReply>(const Content&)> join_swarm = nullptr;
  std::function<void(const Content&)> leave_swarm = nullptr;
  // One of several: `output` is a folder, and the file keeps its path below it.
  bool keep_path = false;
};

struct DownloadOutcome {
  enum class Result { kFetched, kAlready, kPlaceholder };

  Result result = Result::kFetched;
  std::string file_name;                     // as the directory lists it
  std::string path;                          // where it is; empty for a placeholder
  std::optional<std::string> copied_from{};  // the path of a file here that it is a copy of
  std::optional<Content> content;
  std::string message;                     // the peer's sentence for a placeholder
  std::optional<std::string> shared_name;  // its name within shared_dir, where it is in there
};

}  // namespace trueque
