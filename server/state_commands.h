// `main-server export | import | check | repair`: what a person does with the files of a
// directory.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "server/cli/server_settings.h"

namespace trueque {

class StateCommands {
 public:
  // Adds the subcommands; `app` must outlive this.
  explicit StateCommands(CLI::App& app);

  // Runs the subcommand given; nothing when it was none of these. Gives the exit code.
  std::optional<int> run(const ServerSettings& settings) const;

 private:
  int run_export(const ServerSettings& settings) const;
  int run_import(const ServerSettings& settings) const;

  CLI::App* export_ = nullptr;
  CLI::App* import_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* repair_ = nullptr;
  std::string file_;
  bool public_only_ = false;
  bool secrets_ = false;
};

}  // namespace trueque
