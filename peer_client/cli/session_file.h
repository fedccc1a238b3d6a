// A login kept between calls of the subcommands: one small JSON file a directory,
// mode 0600, under the user's state folder. The menu never touches it.
#pragma once

#include <optional>
#include <string>

#include "common/directory/http_directory_client.h"
#include "peer_client/core/session.h"

namespace trueque {

class SessionFile {
 public:
  // `state_folder`: "" when the environment names none; then nothing can be saved.
  SessionFile(std::string state_folder, const DirectoryEndpoint& directory);

  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }
  // Nothing when there is no login; kAborted for a file that cannot be used.
  Result<std::optional<Login>> load() const;
  Status save(const Login& login) const;
  Status remove() const;

 private:
  std::string folder_;
  std::string path_;
};

// $XDG_STATE_HOME/trueque, else ~/.local/state/trueque, from the two variables.
std::string state_folder(const char* xdg_state_home, const char* home);

}  // namespace trueque
