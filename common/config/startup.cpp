#include "common/config/startup.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "common/base/exit_code.h"

namespace trueque {

Startup start_program(CLI::App& app, const ConfigSchema& schema, int argc,
                      const char* const* argv) {
  ConfigSources sources;
  add_config_flags(app, schema, sources);
  app.set_version_flag("--version", schema.program + " " TRUEQUE_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const bool success = app.exit(failure) == 0;
    if (success) return {std::nullopt, to_int(ExitCode::kDone), ""};
    return {std::nullopt, to_int(ExitCode::kUsage), failure.what()};
  }
  Result<Config> config = Config::load(schema, sources);
  if (!config) {
    std::cerr << schema.program << ": " << config.error().message << "\n";
    return {std::nullopt, to_int(ExitCode::kConfiguration), config.error().message};
  }
  if (sources.print) {
    std::cout << config->describe();
    return {std::nullopt, to_int(ExitCode::kDone), ""};
  }
  return {std::move(*config), to_int(ExitCode::kDone), ""};
}

}  // namespace trueque
