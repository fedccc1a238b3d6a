// main-server: the directory. Reads its configuration, builds the parts, serves
// until SIGTERM or SIGINT. `main-server add-user NAME` makes an account; StateCommands are
// about the files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <thread>

#include "common/base/address.h"
#include "common/base/exit_code.h"
#include "common/base/signals.h"
#include "common/base/text.h"
#include "common/config/startup.h"
#include "server/cli/expiry_ticker.h"
#include "server/cli/new_password.h"
#include "server/cli/server_settings.h"
#include "server/cli/storage_log.h"
#include "server/core/storage_metrics.h"
#include "server/http/directory_routes.h"
#include "server/http/http_server.h"
#include "server/state_commands.h"
#include "server/storage_backend.h"

namespace trueque {
namespace {

struct AddUser {
  CLI::App* command = nullptr;
  std::string username;
  std::optional<std::string> password_file;
};

int fail(const std::string& message, ExitCode code) {
  std::cerr << "main-server: " << printable(message) << "\n";
  return to_int(code);
}

int fail_storage(const ServerSettings& settings, const Error& error) {
  return fail(error.message, exit_code_for_backend(settings, error.code));
}

int fail_password(const Error& error) {
  const bool is_ours =
      error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition;
  return fail(error.message, is_ours ? exit_code_for(error.code) : ExitCode::kInputOutput);
}

int fail_adding(const Error& error) {
  const bool is_disk = error.code == Code::kUnavailable;
  return fail(error.message, is_disk ? ExitCode::kInputOutput : exit_code_for(error.code));
}

void define_add_user(CLI::App& app, AddUser& add_user) {
  add_user.command = app.add_subcommand("add-user", "Make an account, also while the server runs");
  add_user.command->fallthrough();
  add_user.command->add_option("name", add_user.username, "The new account's name")->required();
  add_user.command->add_option("--password-file", add_user.password_file,
                               "Read the password from this file instead of TRUEQUE_PASSWORD or "
                               "the terminal");
}

std::size_t hashing_threads() { return std::max(1U, std::thread::hardware_concurrency() / 2); }

int run_add_user(const AddUser& add_user, const ServerSettings& settings) {
  const Result<AccountsAlone> storage = open_accounts(settings);
  if (!storage) return fail_storage(settings, storage.error());
  const Result<std::string> password = new_password(add_user.password_file);
  if (!password) return fail_password(password.error());
  PasswordHasher hasher({}, 1);
  const Status added = add_account(*storage->accounts, hasher, add_user.username, *password);
  if (!added) return fail_adding(added.error());
  std::cout << "Added the account '" << printable(add_user.username) << "'.\n";
  return to_int(ExitCode::kDone);
}

// For the state, the log and whatever else is open beside the connections.
constexpr std::size_t kOtherFiles = 256;
constexpr std::size_t kMostConnections = 1'000'000;

// As many connections as were asked for and the system gives: one that cannot be
// accepted is not even told so.
std::size_t connections_to_be_had(std::size_t wanted, std::size_t guests, const Log& log) {
  const std::size_t others = guests + kOtherFiles;
  const std::size_t files =
      raise_open_file_limit((wanted == 0 ? kMostConnections : wanted) + others);
  const std::size_t most = files > 2 * others ? files - others : files / 2;
  if (wanted != 0 && wanted <= most) return wanted;
  if (wanted != 0) log.warning("open_file_limit", {{"files", files}, {"max_connections", most}});
  return most;
}

HttpLimits http_limits(const ServerSettings& settings, const Log& log) {
  HttpLimits limits;
  limits.max_connections = connections_to_be_had(settings.max_connections, limits.guests, log);
  limits.connections_per_address = settings.connections_per_address;
  limits.times.idle = settings.idle;
  limits.times.request = settings.request;
  return limits;
}

void announce(const ServerSettings& settings, std::uint16_t port, const Log& log) {
  const bool everywhere = settings.host == "0.0.0.0" || settings.host == "::";
  const std::string ip = everywhere ? local_address() : settings.host;
  std::cout << "IP Address Running: " << ip << std::endl;
  log.info("serving",
           {{"host", settings.host},
            {"port", port},
            {"state", settings.backend == StorageKind::kPostgres ? std::string("the database")
                                                                 : settings.state_path},
            {"auth", settings.rules.auth == AuthMode::kOpen ? "open" : "password"}});
}

int serve(const ServerSettings& settings) {
  const Log log(settings.log_level, settings.log_format);
  const SystemClock clock;
  StorageLog storage_log(log);
  StorageMetrics storage_metrics(clock, storage_log);
  const auto storage = StorageBackend::open(settings, clock, storage_metrics, log);
  if (!storage) return fail_storage(settings, storage.error());
  Result<Listener> listener = listen_on(settings.host, settings.port);
  if (!listener) return fail(listener.error().message, ExitCode::kFailed);

  PasswordHasher hasher({}, hashing_threads());
  Directory directory(settings.rules, (*storage)->directory(), (*storage)->accounts(), hasher,
                      clock);
  RateLimiter limiter(settings.requests_per_second, clock);
  HttpMetrics metrics;
  const std::size_t readers = (*storage)->waiting_readers();
  DirectoryRoutes routes(
      {directory, limiter, log, storage_metrics, metrics, settings.metrics_access, readers > 0});
  HttpServer server(std::move(*listener), http_limits(settings, log),
                    {routes, log, metrics, readers});
  const ExpiryTicker ticker(directory, log);
  server.start();
  announce(settings, server.port(), log);
  const int signal = wait_for_termination();
  log.info("stopping", {{"signal", signal}});
  hasher.stop();
  server.stop();
  (*storage)->close();
  log.info("stopped");
  return to_int(ExitCode::kDone);
}

int run(int argc, const char* const* argv) {
  block_termination_signals();
  CLI::App app("The directory of Trueque: who is logged in, and which files each peer shares.");
  AddUser add_user;
  define_add_user(app, add_user);
  const StateCommands state_commands(app);
  const Startup startup = start_program(app, main_server_schema(), argc, argv);
  if (!startup.config) return startup.exit_code;
  const ServerSettings settings = read_settings(*startup.config);
  if (add_user.command->parsed()) return run_add_user(add_user, settings);
  if (const auto code = state_commands.run(settings)) return *code;
  return serve(settings);
}

}  // namespace
}  // namespace trueque

int main(int argc, char** argv) {
  try {
    return trueque::run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "main-server: cannot go on: " << failure.what() << "\n";
    return trueque::to_int(trueque::ExitCode::kFailed);
  }
}
