// The subcommands and their flags, and how an answer is printed: its text on
// standard output, or with --json its document there and its text on standard error.
#pragma once

#include <CLI/CLI.hpp>

#include "peer_client/cli/commands.h"

namespace trueque {

class CommandLine {
 public:
  // Adds the subcommands to `app`; parsing it fills this, which must outlive it.
  explicit CommandLine(CLI::App& app);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  bool has_command() const { return static_cast<bool>(chosen_); }
  bool json() const { return json_; }
  // What the subcommand's own flags say of downloads, which beats the configuration.
  void apply_to(ClientSettings& settings) const;

  // Runs the subcommand and prints its answer. Returns the exit code.
  int run(Commands& commands, Console& console, bool may_ask);

 private:
  using Action = std::function<Answer(Commands&)>;

  CLI::App* add(CLI::App& app, const std::string& name, const std::string& description,
                Action action);
  void add_account_commands(CLI::App& app);
  void add_file_commands(CLI::App& app);
  void add_query_commands(CLI::App& app);
  void add_fetch_options(CLI::App& command);

  bool json_ = false;
  LoginOptions login_;
  GetOptions get_;
  FetchOptions fetch_;
  SearchOptions search_;
  std::vector<std::string> names_;
  std::string path_;
  std::string content_id_;
  Action chosen_;
};

// One JSON document and a newline; only ASCII, so no control character gets through.
void print_document(std::ostream& out, const Json& document);
// {"error", "code"}.
Json error_document(const Error& error);

}  // namespace trueque
