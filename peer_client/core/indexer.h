// Lists files of this machine under the peer that is logged in.
#pragma once

#include <string>
#include <vector>

#include "peer_client/core/local_folder.h"
#include "peer_client/core/session.h"

namespace trueque {

class Indexer {
 public:
  Indexer(Session& session, const LocalFolder& folder) : session_(session), folder_(folder) {}

  struct Report {
    std::vector<SharedFile> files;          // what was listed
    std::vector<std::string> placeholders;  // names listed with nothing behind them
    std::vector<std::string> refused;       // names that cannot be listed, with the reason
    std::optional<std::uint64_t> indexed;   // files the peer now has, where told
    std::optional<std::string> not_served;  // why others cannot fetch them; set by who asked
  };
  // Called before each file is hashed, and with its progress.
  using Watch = std::function<void(const std::string& name, std::uint64_t, std::uint64_t)>;

  // The names, looked up in the folder; a folder's name stands for all below it.
  // With no names the whole folder: kFailedPrecondition when there is none.
  Result<Report> index(const std::vector<std::string>& names, const Watch& watch,
                       const Cancellation& cancellation);

 private:
  Status collect(const std::string& name, std::vector<std::string>& found, Report& report) const;
  Status hash_all(const std::vector<std::string>& names, bool typed, const Watch& watch,
                  const Cancellation& cancellation, Report& report) const;

  Session& session_;
  const LocalFolder& folder_;
};

}  // namespace trueque
