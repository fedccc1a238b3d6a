// What main-server can be configured with, and the settings as typed values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/logging.h"
#include "common/config/config.h"
#include "server/core/directory.h"
#include "server/core/metrics_access.h"

namespace trueque {

ConfigSchema main_server_schema();

enum class StorageKind { kJson, kPostgres };

struct ServerSettings {
  std::string host;
  std::uint16_t port = 5000;
  StorageKind backend = StorageKind::kJson;
  std::string state_path;    // of kJson
  std::string postgres_url;  // of kPostgres; a secret
  DirectoryRules rules;
  std::uint32_t requests_per_second = 0;  // 0: no limit
  std::size_t max_connections = 0;        // 0: no limit
  std::size_t connections_per_address = 0;
  std::chrono::seconds idle{60};
  std::chrono::seconds request{10};
  MetricsAccess metrics_access = MetricsAccess::kLocal;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

// `config` is of main_server_schema().
ServerSettings read_settings(const Config& config);

}  // namespace trueque
