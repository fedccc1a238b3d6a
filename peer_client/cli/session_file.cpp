#include "peer_client/cli/session_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "common/base/files.h"

namespace trueque {
namespace {

using Json = nlohmann::json;

Json to_json(const Login& login) {
  return {{"username", login.peer.username},
          {"peer_ip", login.peer.ip},
          {"peer_port", login.peer.port},
          {"token", login.token},
          {"heartbeat_seconds", login.terms.heartbeat.count()},
          {"lease_seconds", login.terms.lease.count()}};
}

Login from_json(const Json& json) {
  Login login;
  json.at("username").get_to(login.peer.username);
  json.at("peer_ip").get_to(login.peer.ip);
  json.at("peer_port").get_to(login.peer.port);
  json.at("token").get_to(login.token);
  login.terms.heartbeat = std::chrono::seconds(json.at("heartbeat_seconds").get<int>());
  login.terms.lease = std::chrono::seconds(json.at("lease_seconds").get<int>());
  return login;
}

}  // namespace

SessionFile::SessionFile(std::string state_folder, const DirectoryEndpoint& directory)
    : folder_(std::move(state_folder)) {
  std::string host = directory.host;
  std::replace(host.begin(), host.end(), ':', '_');
  if (!folder_.empty())
    path_ = folder_ + "/session-" + host + "-" + std::to_string(directory.port) + ".json";
}

Result<std::optional<Login>> SessionFile::load() const {
  if (path_.empty()) return std::optional<Login>();
  const Result<std::string> text = read_file(path_);
  if (!text && text.error().code == Code::kNotFound) return std::optional<Login>();
  if (!text) return make_error(Code::kAborted, text.error().message);
  try {
    return std::optional<Login>(from_json(Json::parse(*text)));
  } catch (const Json::exception&) {
    return make_error(Code::kAborted, path_ + " is damaged; remove it and log in again");
  }
}

Status SessionFile::save(const Login& login) const {
  if (path_.empty()) {
    return make_error(Code::kAborted,
                      "nowhere to keep the login: set XDG_STATE_HOME or HOME to a folder");
  }
  if (Status status = make_directories(folder_, 0700); !status)
    return make_error(Code::kAborted, status.error().message);
  const std::string text = to_json(login).dump(2, ' ', true) + "\n";
  if (Status status = write_file_atomically(path_, text, 0600); !status)
    return make_error(Code::kAborted, status.error().message);
  return {};
}

Status SessionFile::remove() const {
  if (path_.empty() || ::unlink(path_.c_str()) == 0 || errno == ENOENT) return {};
  return system_error("remove", path_, errno);
}

std::string state_folder(const char* xdg_state_home, const char* home) {
  // The base directory rules have a relative path ignored.
  if (xdg_state_home != nullptr && xdg_state_home[0] == '/')
    return std::string(xdg_state_home) + "/trueque";
  if (home != nullptr && home[0] != '\0') return std::string(home) + "/.local/state/trueque";
  return {};
}

}  // namespace trueque
