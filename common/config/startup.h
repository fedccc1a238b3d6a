// The first lines of every main(): flags, --help, --version, --print-config and
// the configuration, with the same exit codes everywhere.
#pragma once

#include <optional>
#include <string>

#include "common/config/config.h"

namespace trueque {

struct Startup {
  std::optional<Config> config;  // missing: end now with exit_code
  int exit_code = 0;
  std::string error;  // what was said on standard error; empty with exit code 0
};

// Adds the common flags to `app` (which may have options and subcommands of its
// own), parses, and loads the configuration. Says on standard error what is wrong:
// exit code 2 for the command line, 78 for the configuration.
Startup start_program(CLI::App& app, const ConfigSchema& schema, int argc, const char* const* argv);

// Writes out standard output and gives the exit code to end with: `code`, but a read or
// write error instead of 0 where what was printed is lost, and says so.
int end_output(const std::string& program, int code);

}  // namespace trueque
