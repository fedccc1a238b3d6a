// Fetches what was chosen, one file or many, lists it under this peer, and shows how far
// it is: the one way of menu and subcommand.
#pragma once

#include "peer_client/cli/client.h"
#include "peer_client/core/download_queue.h"
#include "peer_client/core/selection.h"

namespace trueque {

struct FetchPlan {
  std::optional<std::string> output;
  bool many = false;  // `output` is a folder then, and paths are kept below it
  unsigned jobs = 4;
  std::vector<std::string> begun_elsewhere = {};  // as of DownloadSettings
};

struct FetchReport {
  DownloadQueue queue;                       // done
  std::vector<Selection::Miss> misses{};     // names that nothing was fetched for
  std::chrono::duration<double> time{};      // of the downloads
  std::optional<std::string> not_indexed{};  // why, a sentence a line
  bool interrupted = false;

  // Another run's becomes part of it.
  void add(FetchReport other);
};

// An error when nobody is logged in.
Result<FetchReport> fetch_files(const ClientParts& parts, Session& session,
                                std::vector<FileChoice> choices, const FetchPlan& options,
                                std::ostream& stream, bool terminal);

}  // namespace trueque
