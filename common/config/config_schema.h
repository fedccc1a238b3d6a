// What a program can be configured with: its sections and keys, each with a
// default, a check and the names the original programs used for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace trueque {

class Config;

struct ConfigKey {
  // Says what is wrong with a value, as the end of a sentence that names it.
  using Check = std::function<Status(const std::string&)>;

  std::string section;
  std::string name;
  std::string fallback;     // the built-in default
  std::string description;  // one line, shown by --help
  Check check;              // none: any text
  // Where the original's file keeps it; empty when it has no such key.
  std::string alias_section = {};
  std::string alias_name = {};
  bool secret = false;  // hidden by --print-config
};

struct ConfigSchema {
  std::string program;  // "main-server"; its file is "main-server.ini"
  std::vector<ConfigKey> keys;
  // Checks what no single key can; its errors come from Config::fault().
  std::function<Status(const Config&)> check_together = {};
};

// Checks for ConfigKey::check.
ConfigKey::Check integer_between(std::int64_t low, std::int64_t high);
ConfigKey::Check bytes_a_second();  // as parse_rate (common/base/rate.h) reads them
ConfigKey::Check port_number();     // 0 lets the system choose
ConfigKey::Check one_of(std::vector<std::string> choices);
ConfigKey::Check host_or_address();

// The [log] section every server has: level and format.
std::vector<ConfigKey> log_keys();

// "--server-host" for server_host. Keys of the first section go by their name;
// keys of other sections by section and name, and by name alone where no other
// key has it.
std::vector<std::string> flag_names(const ConfigSchema& schema, const ConfigKey& key);

// "TRUEQUE_SERVER_HOST", one for each flag name.
std::vector<std::string> environment_names(const ConfigSchema& schema, const ConfigKey& key);

}  // namespace trueque
