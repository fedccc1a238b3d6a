// What peer-server can be configured with, and the settings as typed values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/logging.h"
#include "common/config/config.h"
#include "common/directory/directory_client.h"
#include "common/directory/http_directory_client.h"

namespace trueque {

ConfigSchema peer_server_schema();

// The directory this peer announces itself to.
struct AnnounceSettings {
  std::vector<DirectoryEndpoint> directories;  // one, or replicas of it
  Credentials credentials;
  std::string advertise_ip;                     // "": found out when needed
  std::optional<std::uint16_t> advertise_port;  // nothing: the serving port
};

struct PeerServerSettings {
  std::string host;
  std::uint16_t port = kDefaultPeerPort;
  std::string shared_dir;  // "": nothing is shared
  std::chrono::seconds rescan{3'600};
  unsigned upload_slots = 8;
  std::uint64_t upload_rate = 0;           // of all peers, bytes a second; 0: no limit
  std::uint64_t upload_rate_per_peer = 0;  // likewise
  std::string cache_dir;                   // "": chosen from the environment
  std::optional<AnnounceSettings> announce;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

using Environment = std::function<std::optional<std::string>(const std::string&)>;

// Checks what no single key can, and reads the password: a good password file beats
// TRUEQUE_PASSWORD. Every error is one of the configuration.
Result<PeerServerSettings> read_settings(const Config& config, const Environment& environment);

}  // namespace trueque
