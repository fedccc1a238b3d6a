#include "server/storage/original_state.h"

#include <utility>

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "common/base/text.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

using nlohmann::json;

class OriginalReader {
 public:
  OriginalReader(JsonShape& shape, LoadedState& state) : shape_(shape), state_(state) {}

  void read_name(const std::string& username, const json& logins) {
    const std::string path = printable(username);
    if (const Status status = validate_username(username); !status) {
      warn(path + ": left out: " + status.error().message);
      return;
    }
    username_ = username;
    // A list of its own instead of recursion: a file may nest as deep as it likes.
    waiting_.emplace_back(&logins, path);
    while (!waiting_.empty() && shape_.ok()) {
      const auto [login, login_path] = std::move(waiting_.back());
      waiting_.pop_back();
      read_login(*login, login_path);
    }
  }

 private:
  // [address, [0, files...], further logins...]
  void read_login(const json& login, const std::string& path) {
    if (!login.is_array() || login.empty() || !login.front().is_string()) {
      shape_.fail(path, "is no list that begins with an address");
      return;
    }
    const auto address = login.front().get<std::string>();
    const Result<std::string> ip = canonical_host(address);
    if (!ip.ok()) {
      warn(path + "[0]: the peer at '" + printable(address) + "' is left out: it is " +
           ip.error().message);
    } else {
      state_.peers.push_back({{username_, *ip, kDefaultPeerPort}, {}});
    }
    for (std::size_t i = 1; i < login.size(); ++i) {
      const json& item = login[i];
      if (item.is_array() && !item.empty() && item.front().is_string()) {
        waiting_.emplace_back(&item, item_path(path, i));
      } else {
        read_files(item, item_path(path, i), ip.ok());
      }
    }
  }

  void read_files(const json& files, const std::string& path, bool keep) {
    if (!files.is_array()) return shape_.fail(path, "is no list");
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].is_number()) continue;
      if (!files[i].is_string()) return shape_.fail(item_path(path, i), "is no file name");
      const auto name = files[i].get<std::string>();
      const Status status = validate_file_name(name);
      if (!status) {
        warn(item_path(path, i) + ": the file name '" + printable(name) + "' is left out: it " +
             status.error().message);
      } else if (keep) {
        state_.peers.back().files.push_back({name, std::nullopt});
      }
    }
  }

  void warn(std::string message) { state_.warnings.push_back(std::move(message)); }

  JsonShape& shape_;
  LoadedState& state_;
  std::string username_;
  std::vector<std::pair<const json*, std::string>> waiting_;
};

}  // namespace

LoadedState read_original_state(const json& document, JsonShape& shape) {
  LoadedState state;
  state.from_original = true;
  OriginalReader reader(shape, state);
  for (const auto& [username, logins] : document.items()) reader.read_name(username, logins);
  return state;
}

}  // namespace trueque
