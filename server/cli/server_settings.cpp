#include "server/cli/server_settings.h"

namespace trueque {
namespace {

constexpr std::int64_t kDay = 86'400;

ConfigKey::Check not_empty() {
  return [](const std::string& text) -> Status {
    if (!text.empty()) return {};
    return make_error(Code::kInvalidArgument, "must not be empty");
  };
}

std::vector<ConfigKey> server_keys() {
  return {
      {"server", "host", "0.0.0.0", "the address to listen on", host_or_address(), "Servidor.ini",
       "ip"},
      {"server", "port", "5000", "the port to listen on; 0 lets the system choose", port_number(),
       "Servidor.ini", "puerto"},
      {"storage", "backend", "json", "where the state is kept: json, a file; postgres, a database",
       one_of({"json", "postgres"})},
      {"storage", "path", "./logged_peers.json",
       "the state file; accounts and sessions stand beside it", not_empty()},
      {"storage", "postgres_url", "",
       "the database of backend postgres: postgresql://user:password@host/name", nullptr, "", "",
       true},
  };
}

std::vector<ConfigKey> rule_keys() {
  return {
      {"auth", "mode", "password",
       "password: accounts and tokens; open: as the original, nothing is checked",
       one_of({"password", "open"})},
      {"auth", "registration", "open",
       "open: a first login makes the account; closed: only 'main-server add-user' does",
       one_of({"open", "closed"})},
      {"lease", "heartbeat_seconds", "15", "how often peers should be heard from",
       integer_between(1, kDay)},
      {"lease", "lease_seconds", "45", "how long a peer that sends heartbeats stays without one",
       integer_between(1, kDay)},
  };
}

std::vector<ConfigKey> limit_keys() {
  return {
      {"limits", "requests_per_second", "0",
       "requests a second for each session's token, or address without one; 0: no limit",
       integer_between(0, 1'000'000)},
      {"limits", "max_connections", "20000", "connections at once; 0: no limit",
       integer_between(0, 1'000'000)},
      {"limits", "connections_per_address", "0",
       "connections at once from one address; 0: no limit", integer_between(0, 1'000'000)},
      {"limits", "idle_seconds", "60", "how long a connection may stay without a request",
       integer_between(1, kDay)},
      {"limits", "request_seconds", "10", "how long a request may take to arrive",
       integer_between(1, kDay)},
  };
}

std::vector<ConfigKey> metrics_keys() {
  return {
      {"metrics", "access", "local",
       "who may read /metrics: local, this machine; all, everybody; off, nobody",
       one_of({"local", "all", "off"})},
  };
}

MetricsAccess read_access(const std::string& text) {
  if (text == "off") return MetricsAccess::kOff;
  return text == "all" ? MetricsAccess::kAll : MetricsAccess::kLocal;
}

std::chrono::seconds seconds(const Config& config, const char* section, const char* key) {
  return std::chrono::seconds(config.integer(section, key));
}

DirectoryRules read_rules(const Config& config) {
  DirectoryRules rules;
  if (config.text("auth", "mode") == "open") rules.auth = AuthMode::kOpen;
  if (config.text("auth", "registration") == "closed") rules.registration = Registration::kClosed;
  rules.terms.heartbeat = seconds(config, "lease", "heartbeat_seconds");
  rules.terms.lease = seconds(config, "lease", "lease_seconds");
  return rules;
}

Status check_lease(const Config& config) {
  const std::int64_t heartbeat = config.integer("lease", "heartbeat_seconds");
  const std::int64_t lease = config.integer("lease", "lease_seconds");
  if (lease > heartbeat) return {};
  const std::string why = "; peers would expire between two heartbeats";
  if (config.is_default("lease", "lease_seconds")) {
    return config.fault("lease", "heartbeat_seconds",
                        "must be less than lease_seconds, " + std::to_string(lease) + why);
  }
  return config.fault("lease", "lease_seconds",
                      "must be more than heartbeat_seconds, " + std::to_string(heartbeat) + why);
}

Status check_together(const Config& config) {
  if (config.text("storage", "backend") == "postgres" &&
      config.text("storage", "postgres_url").empty()) {
    return config.fault("storage", "backend",
                        "is postgres, which needs 'postgres_url' to say which database");
  }
  return check_lease(config);
}

}  // namespace

ConfigSchema main_server_schema() {
  ConfigSchema schema{"main-server", server_keys(), check_together};
  for (const auto& keys : {rule_keys(), limit_keys(), metrics_keys(), log_keys()})
    schema.keys.insert(schema.keys.end(), keys.begin(), keys.end());
  return schema;
}

ServerSettings read_settings(const Config& config) {
  ServerSettings settings;
  settings.rules = read_rules(config);
  settings.host = config.text("server", "host");
  settings.port = config.port("server", "port");
  if (config.text("storage", "backend") == "postgres") settings.backend = StorageKind::kPostgres;
  settings.state_path = config.text("storage", "path");
  settings.postgres_url = config.text("storage", "postgres_url");
  settings.requests_per_second =
      static_cast<std::uint32_t>(config.integer("limits", "requests_per_second"));
  settings.max_connections = static_cast<std::size_t>(config.integer("limits", "max_connections"));
  settings.connections_per_address =
      static_cast<std::size_t>(config.integer("limits", "connections_per_address"));
  settings.idle = seconds(config, "limits", "idle_seconds");
  settings.request = seconds(config, "limits", "request_seconds");
  settings.metrics_access = read_access(config.text("metrics", "access"));
  settings.log_level = parse_log_level(config.text("log", "level")).value_or(LogLevel::kInfo);
  settings.log_format = parse_log_format(config.text("log", "format")).value_or(LogFormat::kText);
  return settings;
}

}  // namespace trueque
