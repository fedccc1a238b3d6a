#include "peer_server/cli/peer_server_settings.h"

#include "common/base/files.h"

namespace trueque {
namespace {

ConfigKey::Check empty_or(ConfigKey::Check check) {
  return [check = std::move(check)](const std::string& text) -> Status {
    return text.empty() ? Status() : check(text);
  };
}

Status check_url(const std::string& text) {
  const auto endpoints = parse_directory_urls(text);
  if (endpoints) return {};
  return make_error(Code::kInvalidArgument, "is no directory: " + endpoints.error().message);
}

std::vector<ConfigKey> serving_keys() {
  return {
      {"peer_server", "host", "0.0.0.0", "the address to listen on", host_or_address()},
      {"peer_server", "port", "50051", "the port to listen on; 0 lets the system choose",
       port_number(), "PServer.ini", "puerto"},
      {"peer_server", "shared_dir", "", "the folder whose files are shared; empty: none", nullptr},
      {"peer_server", "rescan_seconds", "3600",
       "the time between full rescans of shared_dir; changes are seen at once where they can be "
       "watched",
       integer_between(1, 31'536'000), "PServer.ini", "sleep_time"},
      {"peer_server", "upload_slots", "8",
       "files sent at the same time, shared fairly between the peers that ask",
       integer_between(1, 64)},
      {"peer_server", "upload_rate", "0",
       "the most bytes a second sent to all peers together, like 500k, 10M or 1G; 0: no limit",
       bytes_a_second()},
      {"peer_server", "upload_rate_per_peer", "0",
       "the most bytes a second sent to one peer; 0: no limit", bytes_a_second()},
      {"peer_server", "cache_dir", "",
       "where hashes are kept between starts; empty: $XDG_CACHE_HOME/trueque or ~/.cache/trueque",
       nullptr},
  };
}

std::vector<ConfigKey> directory_keys() {
  return {
      {"directory", "url", "",
       "the directory to announce to, http://host:port, or several that share their state, "
       "with commas between; empty: none",
       empty_or(check_url)},
      {"directory", "username", "", "the account to log in with", nullptr},
      {"directory", "password_file", "",
       "the file that holds its password; empty: TRUEQUE_PASSWORD", nullptr},
      {"directory", "advertise_ip", "",
       "the address other peers reach this one at; empty: the one used towards the directory",
       empty_or(host_or_address())},
      {"directory", "advertise_port", "",
       "the port other peers reach this one at; empty: the serving port",
       empty_or(integer_between(1, 65'535))},
  };
}

Error at_odds(std::string what) { return make_error(Code::kInvalidArgument, std::move(what)); }

Result<std::string> read_password(const Config& config, const Environment& environment) {
  const std::string& path = config.text("directory", "password_file");
  if (path.empty()) {
    const std::optional<std::string> password = environment("TRUEQUE_PASSWORD");
    if (password && !password->empty()) return *password;
    return at_odds(
        "[directory] url is set but there is no password; set password_file or the environment "
        "variable TRUEQUE_PASSWORD");
  }
  Result<std::string> password = read_file(path);
  if (!password) return at_odds("[directory] password_file: " + password.error().message);
  if (password->ends_with('\n')) password->pop_back();
  if (password->empty())
    return at_odds("[directory] password_file: " + path + " holds no password");
  return password;
}

Result<std::optional<AnnounceSettings>> read_announce(const Config& config,
                                                      const Environment& environment) {
  const std::string& url = config.text("directory", "url");
  if (url.empty()) return std::optional<AnnounceSettings>();
  Result<std::vector<DirectoryEndpoint>> directories = parse_directory_urls(url);
  if (!directories) return directories.error();
  AnnounceSettings announce{
      *std::move(directories), {config.text("directory", "username"), ""}, "", {}};
  if (announce.credentials.username.empty())
    return at_odds("[directory] url is set but username is not; set username, or leave url out");
  Result<std::string> password = read_password(config, environment);
  if (!password) return password.error();
  announce.credentials.password = std::move(*password);
  announce.advertise_ip = config.text("directory", "advertise_ip");
  if (!config.text("directory", "advertise_port").empty())
    announce.advertise_port = config.port("directory", "advertise_port");
  return std::optional<AnnounceSettings>(std::move(announce));
}

}  // namespace

ConfigSchema peer_server_schema() {
  ConfigSchema schema{"peer-server", serving_keys()};
  for (const auto& keys : {directory_keys(), log_keys()})
    schema.keys.insert(schema.keys.end(), keys.begin(), keys.end());
  return schema;
}

Result<PeerServerSettings> read_settings(const Config& config, const Environment& environment) {
  PeerServerSettings settings;
  Result<std::optional<AnnounceSettings>> announce = read_announce(config, environment);
  if (!announce) return announce.error();
  settings.announce = std::move(*announce);
  settings.host = config.text("peer_server", "host");
  settings.port = config.port("peer_server", "port");
  settings.shared_dir = config.text("peer_server", "shared_dir");
  settings.rescan = std::chrono::seconds(config.integer("peer_server", "rescan_seconds"));
  settings.upload_slots = static_cast<unsigned>(config.integer("peer_server", "upload_slots"));
  settings.upload_rate = config.rate("peer_server", "upload_rate");
  settings.upload_rate_per_peer = config.rate("peer_server", "upload_rate_per_peer");
  settings.cache_dir = config.text("peer_server", "cache_dir");
  settings.log_level = parse_log_level(config.text("log", "level")).value_or(LogLevel::kInfo);
  settings.log_format = parse_log_format(config.text("log", "format")).value_or(LogFormat::kText);
  return settings;
}

}  // namespace trueque
