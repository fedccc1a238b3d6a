// Reads documents of a known shape: the first thing that is not as it should be
// is kept, with the path of the member, and everything after it is skipped.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

// kDataLoss with line and column.
Result<nlohmann::json> parse_json(std::string_view text);

// Without the member of that name, which may be large and is checked for its grammar alone.
Result<nlohmann::json> parse_json_without(std::string_view member, std::string_view text);

class JsonShape {
 public:
  bool ok() const { return problem_.empty(); }
  // kDataLoss, e.g. "peers[3].peer_port: is no whole number from 1 to 65535".
  Status status() const;
  void fail(const std::string& path, const std::string& what);

  // Each gives an empty value after a failure.
  std::string text(const nlohmann::json& object, const char* member, const std::string& path);
  std::uint64_t integer(const nlohmann::json& object, const char* member, const std::string& path,
                        std::uint64_t least, std::uint64_t most);
  const nlohmann::json& list(const nlohmann::json& object, const char* member,
                             const std::string& path);
  void require_version(const nlohmann::json& document, std::uint64_t version);

 private:
  std::string problem_;
};

// The members username, peer_ip and peer_port of `object`, checked and canonical.
PeerKey read_peer_key(const nlohmann::json& object, const std::string& path, JsonShape& shape);

// "peers[3]": `path` is empty at the top.
std::string member_path(const std::string& path, std::string_view member);
std::string item_path(const std::string& path, std::size_t index);

// Appends `text` (UTF-8) as a JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace trueque
