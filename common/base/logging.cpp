#include "common/base/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "common/base/text.h"

namespace trueque {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::string json_string(std::string_view text) { return nlohmann::json(printable(text)).dump(); }

std::string text_value(const LogField& field) {
  if (field.is_number) return field.value;
  const bool plain = !field.value.empty() &&
                     field.value.find_first_of(" \"=\\") == std::string::npos &&
                     !has_control_character(field.value);
  return plain ? field.value : json_string(field.value);
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  if (text == "off") return LogLevel::kOff;
  return make_error(Code::kInvalidArgument, "is none of debug, info, warning, error, off");
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return make_error(Code::kInvalidArgument, "is neither text nor json");
}

Log::Log(LogLevel level, LogFormat format)
    : format_(format),
      logger_(std::make_unique<spdlog::logger>("trueque",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_level(to_spdlog(level));
  logger_->flush_on(spdlog::level::debug);
  const char* pattern = format == LogFormat::kJson
                            ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                            : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
  logger_->set_pattern(pattern, spdlog::pattern_time_type::utc);
}

Log::~Log() = default;

bool Log::writes(LogLevel level) const { return logger_->should_log(to_spdlog(level)); }

void Log::debug(std::string_view event, Fields fields) const {
  write(LogLevel::kDebug, event, fields);
}
void Log::info(std::string_view event, Fields fields) const {
  write(LogLevel::kInfo, event, fields);
}
void Log::warning(std::string_view event, Fields fields) const {
  write(LogLevel::kWarning, event, fields);
}
void Log::error(std::string_view event, Fields fields) const {
  write(LogLevel::kError, event, fields);
}

void Log::write(LogLevel level, std::string_view event, Fields fields) const {
  const auto native = to_spdlog(level);
  if (!logger_->should_log(native)) return;
  logger_->log(native, format_event(format_, event, fields));
}

std::string format_event(LogFormat format, std::string_view event, Log::Fields fields) {
  std::string line;
  if (format == LogFormat::kText) {
    line = printable(event);
    for (const LogField& field : fields) {
      line.append(" ").append(field.name).append("=").append(text_value(field));
    }
    return line;
  }
  line = "\"event\":" + json_string(event);
  for (const LogField& field : fields) {
    line += "," + json_string(field.name) + ":" +
            (field.is_number ? field.value : json_string(field.value));
  }
  return line;
}

}  // namespace trueque
