#include "common/config/config_schema.h"

#include <algorithm>
#include <charconv>

#include "common/base/address.h"
#include "common/base/logging.h"
#include "common/base/rate.h"

namespace trueque {
namespace {

Error bad(std::string why) { return make_error(Code::kInvalidArgument, std::move(why)); }

// The names of a key with words joined by '_', most specific first.
std::vector<std::string> spoken_names(const ConfigSchema& schema, const ConfigKey& key) {
  if (key.section == schema.keys.front().section) return {key.name};
  std::vector<std::string> names = {key.section + "_" + key.name};
  const auto same_name =
      std::count_if(schema.keys.begin(), schema.keys.end(),
                    [&](const ConfigKey& other) { return other.name == key.name; });
  if (same_name == 1) names.push_back(key.name);
  return names;
}

}  // namespace

ConfigKey::Check integer_between(std::int64_t low, std::int64_t high) {
  return [low, high](const std::string& text) -> Status {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || stop != end) return bad("is not a whole number");
    if (number < low || number > high) {
      return bad("must be between " + std::to_string(low) + " and " + std::to_string(high));
    }
    return {};
  };
}

ConfigKey::Check bytes_a_second() {
  return [](const std::string& text) -> Status {
    const Result<std::uint64_t> rate = parse_rate(text);
    return rate ? Status() : Status(rate.error());
  };
}

ConfigKey::Check port_number() { return integer_between(0, 65535); }

ConfigKey::Check one_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const std::string& text) -> Status {
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return {};
    std::string list;
    for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
    return bad("must be one of " + list);
  };
}

ConfigKey::Check host_or_address() {
  return [](const std::string& text) -> Status {
    const Result<std::string> host = canonical_host(text);
    return host ? Status() : Status(bad("is " + host.error().message));
  };
}

std::vector<ConfigKey> log_keys() {
  return {
      {"log", "level", "info", "debug, info, warning, error or off",
       [](const std::string& text) -> Status {
         const auto level = parse_log_level(text);
         return level ? Status() : Status(level.error());
       }},
      {"log", "format", "text", "text or json, one line an event on standard error",
       [](const std::string& text) -> Status {
         const auto format = parse_log_format(text);
         return format ? Status() : Status(format.error());
       }},
  };
}

std::vector<std::string> flag_names(const ConfigSchema& schema, const ConfigKey& key) {
  std::vector<std::string> names = spoken_names(schema, key);
  for (std::string& name : names) {
    std::replace(name.begin(), name.end(), '_', '-');
    name.insert(0, "--");
  }
  return names;
}

std::vector<std::string> environment_names(const ConfigSchema& schema, const ConfigKey& key) {
  std::vector<std::string> names = spoken_names(schema, key);
  for (std::string& name : names) {
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    name.insert(0, "TRUEQUE_");
  }
  return names;
}

}  // namespace trueque
