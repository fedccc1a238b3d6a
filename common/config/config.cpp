#include "common/config/config.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "common/base/files.h"
#include "common/base/ini_file.h"
#include "common/base/rate.h"
#include "common/base/text.h"

namespace trueque {
namespace {

std::string id_of(std::string_view section, std::string_view key) {
  return std::string(section) + "." + std::string(key);
}

std::string id_of(const ConfigKey& key) { return id_of(key.section, key.name); }

Error bad(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

std::string did_you_mean(const std::string& name) { return "; did you mean '" + name + "'?"; }

std::string hint(std::string_view word, std::span<const std::string> candidates) {
  const std::optional<std::string> near = nearest(word, candidates);
  return near ? did_you_mean(*near) : std::string();
}

// The nearest of the candidates, or all of them where none is near.
std::string hint_or_list(std::string_view word, std::span<const std::string> candidates,
                         const std::string& what) {
  if (const std::optional<std::string> near = nearest(word, candidates)) return did_you_mean(*near);
  std::string list;
  for (const std::string& each : candidates) list += (list.empty() ? "'" : ", '") + each + "'";
  return "; the " + what + " are " + list;
}

bool goes_by(const ConfigKey& key, const IniEntry& entry) {
  return (key.section == entry.section && key.name == entry.key) ||
         (!key.alias_name.empty() && key.alias_section == entry.section &&
          key.alias_name == entry.key);
}

std::vector<std::string> sections_of(const ConfigSchema& schema) {
  std::set<std::string> names;
  for (const ConfigKey& key : schema.keys) {
    names.insert(key.section);
    if (!key.alias_section.empty()) names.insert(key.alias_section);
  }
  return {names.begin(), names.end()};
}

// Where `key`, or the nearest there is to it, belongs; empty when none is near.
std::string home_hint(const ConfigSchema& schema, const std::string& key) {
  std::vector<std::string> names;
  std::map<std::string, std::string> sections;
  for (const ConfigKey& each : schema.keys) {
    if (sections.emplace(each.name, each.section).second) names.push_back(each.name);
    if (!each.alias_name.empty() && sections.emplace(each.alias_name, each.alias_section).second)
      names.push_back(each.alias_name);
  }
  const std::optional<std::string> near = nearest(key, names);
  if (!near) return {};
  return "; did you mean '" + *near + "' below [" + sections[*near] + "]?";
}

// The keys of `section` under the names it uses, without those in `taken`.
std::vector<std::string> keys_of(const ConfigSchema& schema, const std::string& section,
                                 const std::map<std::string, IniEntry>& taken) {
  std::vector<std::string> names;
  for (const ConfigKey& key : schema.keys) {
    if (taken.contains(id_of(key))) continue;
    if (key.section == section) names.push_back(key.name);
    if (key.alias_section == section) names.push_back(key.alias_name);
  }
  return names;
}

// Finds each entry's key and refuses what is unknown or given twice.
class EntryMatcher {
 public:
  EntryMatcher(const ConfigSchema& schema, const std::string& path)
      : schema_(schema), path_(path), sections_(sections_of(schema)) {}

  Result<const ConfigKey*> match(const IniEntry& entry) {
    for (const ConfigKey& key : schema_.keys) {
      if (!goes_by(key, entry)) continue;
      const auto [seen, fresh] = first_.emplace(id_of(key), entry);
      if (fresh) return &key;
      return repeated(entry, seen->second);
    }
    return unknown(entry);
  }

  Status check(const IniSection& section) const {
    if (knows(section.name)) return {};
    return error(section.line, "unknown section [" + section.name + "]" +
                                   hint_or_list(section.name, sections_, "sections"));
  }

  Error error(int line, const std::string& what) const {
    return bad(path_ + ":" + std::to_string(line) + ": " + printable(what));
  }

 private:
  bool knows(const std::string& section) const {
    return std::find(sections_.begin(), sections_.end(), section) != sections_.end();
  }

  Error repeated(const IniEntry& entry, const IniEntry& first) const {
    const std::string line = std::to_string(first.line);
    if (entry.key != first.key) {
      return error(entry.line, "'" + entry.key + "' is another name of '" + first.key +
                                   "', which is set on line " + line + "; keep one of them");
    }
    return error(entry.line, "'" + entry.key + "' is set twice, first on line " + line +
                                 hint(entry.key, keys_of(schema_, entry.section, first_)));
  }

  Error unknown(const IniEntry& entry) const {
    if (knows(entry.section)) {
      return error(entry.line,
                   "unknown key '" + entry.key + "' in [" + entry.section + "]" +
                       hint_or_list(entry.key, keys_of(schema_, entry.section, {}), "keys there"));
    }
    const bool before_any = entry.section.empty();
    std::string advice = before_any ? std::string() : hint(entry.section, sections_);
    if (advice.empty()) advice = home_hint(schema_, entry.key);
    if (advice.empty()) advice = hint_or_list(entry.section, sections_, "sections");
    if (before_any)
      return error(entry.line, "'" + entry.key + "' stands before any [section]" + advice);
    return error(entry.line,
                 "unknown section [" + entry.section + "] (key '" + entry.key + "')" + advice);
  }

  const ConfigSchema& schema_;
  const std::string& path_;
  const std::vector<std::string> sections_;
  std::map<std::string, IniEntry> first_;  // by the key's id
};

std::optional<std::string> usual_file(const std::string& program) {
  for (const std::string& path : {"./" + program + ".ini", "/etc/trueque/" + program + ".ini"}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace

Result<Config> Config::load(const ConfigSchema& schema, const ConfigSources& sources) {
  Config config;
  config.schema_ = schema;
  for (const ConfigKey& key : schema.keys)
    config.values_[id_of(key)] = {key.fallback, "default", ""};
  const std::optional<std::string> file = sources.file ? sources.file : usual_file(schema.program);
  if (file) {
    if (Status status = config.read_file(*file); !status) return status.error();
  }
  if (Status status = config.apply_overrides(sources); !status) return status.error();
  if (schema.check_together) {
    if (Status status = schema.check_together(config); !status) return status.error();
  }
  return config;
}

Status Config::read_file(const std::string& path) {
  const Result<std::string> content = trueque::read_file(path);
  if (!content) return content.error();
  const Result<IniFile> file = parse_ini(*content);
  if (!file) return bad(path + ": " + file.error().message);
  EntryMatcher matcher(schema_, path);
  for (const IniEntry& entry : file->entries) {
    const Result<const ConfigKey*> key = matcher.match(entry);
    if (!key) return key.error();
    const std::string origin = "file " + path + " line " + std::to_string(entry.line);
    const std::string place = matcher.error(entry.line, "'" + entry.key + "'").message;
    if (Status status = set(**key, {entry.value, origin, place}); !status) return status;
  }
  for (const IniSection& section : file->sections) {
    if (Status known = matcher.check(section); !known) return known;
  }
  return {};
}

Status Config::apply_overrides(const ConfigSources& sources) {
  for (const ConfigKey& key : schema_.keys) {
    std::vector<std::pair<std::string, std::string>> found;  // origin, value; the later one wins
    for (const std::string& name : environment_names(schema_, key)) {
      const auto value = sources.environment ? sources.environment(name) : std::nullopt;
      if (value && found.empty()) found.emplace_back("environment " + name, *value);
    }
    if (const auto flag = sources.flags.find(id_of(key)); flag != sources.flags.end()) {
      found.emplace_back("flag " + flag_names(schema_, key).front(), flag->second);
    }
    if (found.empty()) continue;
    auto& [origin, value] = found.back();
    const std::string shown = key.secret ? "" : " '" + printable(value) + "'";
    if (Status status = set(key, {value, origin, origin + shown}); !status) return status;
  }
  return {};
}

Status Config::set(const ConfigKey& key, Value value) {
  if (key.check) {
    if (Status status = key.check(value.text); !status)
      return bad(value.place + " " + status.error().message);
  }
  values_[id_of(key)] = std::move(value);
  return {};
}

const Config::Value& Config::find(std::string_view section, std::string_view key) const {
  const auto found = values_.find(id_of(section, key));
  if (found == values_.end()) std::abort();  // a key that is not in the schema is a bug
  return found->second;
}

const std::string& Config::text(std::string_view section, std::string_view key) const {
  return find(section, key).text;
}

std::int64_t Config::integer(std::string_view section, std::string_view key) const {
  return std::strtoll(find(section, key).text.c_str(), nullptr, 10);
}

std::uint16_t Config::port(std::string_view section, std::string_view key) const {
  return static_cast<std::uint16_t>(integer(section, key));
}

std::uint64_t Config::rate(std::string_view section, std::string_view key) const {
  return parse_rate(find(section, key).text).value_or(0);
}

Error Config::fault(std::string_view section, std::string_view key, const std::string& what) const {
  const std::string& place = find(section, key).place;
  return bad((place.empty() ? "[" + std::string(section) + "] " + std::string(key) : place) + " " +
             what);
}

bool Config::is_default(std::string_view section, std::string_view key) const {
  return find(section, key).place.empty();
}

std::string Config::describe() const {
  std::string text;
  std::string section;
  for (const ConfigKey& key : schema_.keys) {
    if (key.section != section) {
      text += (section.empty() ? "[" : "\n[") + key.section + "]\n";
      section = key.section;
    }
    const Value& value = find(key.section, key.name);
    const std::string shown =
        key.secret && !value.text.empty() ? "********" : printable(value.text);
    text += key.name + " = " + shown + "  ; " + value.origin + "\n";
  }
  return text;
}

void add_config_flags(CLI::App& app, const ConfigSchema& schema, ConfigSources& sources) {
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  app.add_option_function<std::string>(
         "--config", [&sources](const std::string& path) { sources.file = path; },
         "Read this .ini file instead of ./" + schema.program + ".ini or /etc/trueque/" +
             schema.program + ".ini")
      ->type_name("FILE");
  app.add_flag("--print-config", sources.print,
               "Show each effective value and where it came from, then exit");
  for (const ConfigKey& key : schema.keys) {
    std::string names;
    for (const std::string& name : flag_names(schema, key))
      names += (names.empty() ? "" : ",") + name;
    app.add_option_function<std::string>(
           names,
           [&sources, id = id_of(key)](const std::string& value) { sources.flags[id] = value; },
           key.description + (key.fallback.empty() ? "" : " [" + key.fallback + "]"))
        ->type_name("VALUE")
        ->group("Configuration, section [" + key.section + "]");
  }
}

}  // namespace trueque
