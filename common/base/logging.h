// Logging over spdlog: one line an event, an event being a name and fields.
//
//   text  2026-01-31T09:00:00.123Z info  login user=ana peer=10.0.0.1:50051
//   json  {"time":"...","level":"info","event":"login","user":"ana",...}
//
// Values are made safe for one line here, so callers pass them as they came.
// Never pass a password or a token. Safe from any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace spdlog {
class logger;
}

namespace trueque {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

Result<LogLevel> parse_log_level(std::string_view text);    // debug|info|warning|error|off
Result<LogFormat> parse_log_format(std::string_view text);  // text|json

struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
  LogField(std::string_view field_name, Number number)
      : name(field_name), value(std::to_string(number)), is_number(true) {}

  std::string_view name;
  std::string value;
  bool is_number = false;
};

class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  // Writes to standard error.
  Log(LogLevel level, LogFormat format);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Whether lines of this level are written, for who would have work with the fields.
  bool writes(LogLevel level) const;

  void debug(std::string_view event, Fields fields = {}) const;
  void info(std::string_view event, Fields fields = {}) const;
  void warning(std::string_view event, Fields fields = {}) const;
  void error(std::string_view event, Fields fields = {}) const;

 private:
  void write(LogLevel level, std::string_view event, Fields fields) const;

  LogFormat format_;
  std::unique_ptr<spdlog::logger> logger_;
};

// The part of a line after the time and level; exposed for tests.
std::string format_event(LogFormat format, std::string_view event, Log::Fields fields);

}  // namespace trueque
