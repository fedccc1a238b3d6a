#include "common/config/startup.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "common/base/exit_code.h"

namespace trueque {

namespace {

Startup done(const std::string& program) {
  const int code = end_output(program, to_int(ExitCode::kDone));
  return {std::nullopt, code, code == 0 ? "" : "standard output could not be written"};
}

}  // namespace

int end_output(const std::string& program, int code) {
  if (std::cout.flush()) return code;
  std::cerr << program << ": standard output could not be written, so what it had to say is lost; "
            << "send it to a place that is open and has room\n";
  return code == to_int(ExitCode::kDone) ? to_int(ExitCode::kInputOutput) : code;
}

Startup start_program(CLI::App& app, const ConfigSchema& schema, int argc,
                      const char* const* argv) {
  ConfigSources sources;
  add_config_flags(app, schema, sources);
  app.set_version_flag("--version", schema.program + " " TRUEQUE_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const bool success = app.exit(failure) == 0;
    if (success) return done(schema.program);
    return {std::nullopt, to_int(ExitCode::kUsage), failure.what()};
  }
  Result<Config> config = Config::load(schema, sources);
  if (!config) {
    std::cerr << schema.program << ": " << config.error().message << "\n";
    return {std::nullopt, to_int(ExitCode::kConfiguration), config.error().message};
  }
  if (sources.print) {
    std::cout << config->describe();
    return done(schema.program);
  }
  return {std::move(*config), to_int(ExitCode::kDone), ""};
}

}  // namespace trueque
