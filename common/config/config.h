// The effective configuration of a program. A flag beats the environment, which
// beats the file, which beats the built-in default. Immutable once loaded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/config_schema.h"

namespace CLI {
class App;
}

namespace trueque {

// Where values may come from besides the built-in defaults.
struct ConfigSources {
  std::optional<std::string> file;           // --config; else the usual places
  std::map<std::string, std::string> flags;  // "section.key" to value
  std::function<std::optional<std::string>(const std::string&)> environment;
  bool print = false;  // --print-config
};

class Config {
 public:
  // Errors name the file, the line, the key and the nearest valid key.
  // All of them end the program with ExitCode::kConfiguration.
  static Result<Config> load(const ConfigSchema& schema, const ConfigSources& sources);

  // The key must be in the schema, and be checked there as what is asked for: a
  // number for integer(), bytes_a_second() for rate().
  const std::string& text(std::string_view section, std::string_view key) const;
  std::int64_t integer(std::string_view section, std::string_view key) const;
  std::uint16_t port(std::string_view section, std::string_view key) const;
  std::uint64_t rate(std::string_view section, std::string_view key) const;  // bytes a second

  // An error about a value that is valid by itself, beginning with where it came
  // from: "./main-server.ini:3: 'lease_seconds' <what>".
  Error fault(std::string_view section, std::string_view key, const std::string& what) const;
  // Whether nobody set it.
  bool is_default(std::string_view section, std::string_view key) const;

  // What --print-config shows: each value and where it came from, secrets hidden.
  std::string describe() const;

 private:
  struct Value {
    std::string text;
    std::string origin;
    std::string place;  // how errors begin; empty for a default
  };

  const Value& find(std::string_view section, std::string_view key) const;
  Status read_file(const std::string& path);
  Status apply_overrides(const ConfigSources& sources);
  Status set(const ConfigKey& key, Value value);

  ConfigSchema schema_;
  std::map<std::string, Value> values_;  // by "section.key"
};

// Adds --config, --print-config and one flag a key to `app`; parsing fills `sources`,
// which must outlive the parse. Sets sources.environment to the process's own.
void add_config_flags(CLI::App& app, const ConfigSchema& schema, ConfigSources& sources);

}  // namespace trueque
