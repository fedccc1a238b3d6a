// peer-server: serves the files of one shared folder to other peers, and, when it
// is told of a directory, announces them there. Runs until SIGTERM or SIGINT.
#include <grpc/support/log.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include "common/base/address.h"
#include "common/base/exit_code.h"
#include "common/base/signals.h"
#include "common/base/text.h"
#include "common/config/startup.h"
#include "peer_server/cli/peer_server_settings.h"
#include "peer_server/core/announcer_thread.h"
#include "peer_server/rpc/rpc_server.h"

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kStreamGrace{1'000};
constexpr std::chrono::milliseconds kLogoutLimit{2'500};

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int fail(const std::string& message, ExitCode code) {
  std::cerr << "peer-server: " << printable(message) << std::endl;
  return to_int(code);
}

// Lines for people, on standard output, whole.
class Terminal {
 public:
  void say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::cout << line << std::endl;
  }

 private:
  std::mutex mutex_;  // guards std::cout
};

AnnouncerIdentity identity_of(const AnnounceSettings& settings, std::uint16_t serving_port) {
  const std::string ip =
      settings.advertise_ip.empty()
          ? local_address_towards(settings.directories[0].host, settings.directories[0].port)
          : settings.advertise_ip;
  return {settings.credentials, ip, settings.advertise_port.value_or(serving_port)};
}

AnnouncedFolder announced(const SharedFolder* folder) {
  return {[folder](std::size_t& from, std::size_t limit) {
            return folder ? folder->page(from, limit) : std::vector<SharedFile>();
          },
          [folder] {
            return folder ? folder->summary() : FolderSummary{0, {}, true};
          }};
}

// What announcing takes; there only when a directory is configured.
class Announcing {
 public:
  Announcing(const AnnounceSettings& settings, std::uint16_t port, const SharedFolder* folder,
             const Log& log)
      : client_(settings.directories),
        announcer_(
            identity_of(settings, port), client_, announced(folder), clock_,
            [this] { return chance_(random_); }, log),
        thread_(announcer_, clock_, log) {}

  void start() { thread_.start(); }

  void note_changes(const std::vector<FolderChange>& changes) {
    announcer_.note_changes(changes);
    thread_.wake();
  }
  bool stop() { return thread_.stop(kLogoutLimit); }

 private:
  SystemClock clock_;
  std::mt19937_64 random_{std::random_device{}()};
  std::uniform_real_distribution<double> chance_{0.0, 1.0};
  HttpDirectoryClient client_;
  Announcer announcer_;
  AnnouncerThread thread_;
};

// Carries changes from the folder, which scans before the port is known, to the
// announcing, which needs the port. What is there by then is read from the folder.
class ChangeRelay {
 public:
  void connect(Announcing* announcing) {
    const std::lock_guard lock(mutex_);
    announcing_ = announcing;
  }
  void pass_on(const std::vector<FolderChange>& changes) {
    const std::lock_guard lock(mutex_);
    if (announcing_ != nullptr) announcing_->note_changes(changes);
  }

 private:
  std::mutex mutex_;  // guards announcing_
  Announcing* announcing_ = nullptr;
};

Result<std::unique_ptr<SharedFolder>> open_folder(const PeerServerSettings& settings,
                                                  const Log& log, ChangeRelay& relay) {
  if (settings.shared_dir.empty()) return std::unique_ptr<SharedFolder>();
  FolderOptions options;
  options.path = settings.shared_dir;
  options.cache_directory = cache_directory(settings.cache_dir, environment);
  options.rescan = settings.rescan;
  return SharedFolder::open(std::move(options), log,
                            [&relay](const auto& changes) { relay.pass_on(changes); });
}

void tell_of_serving(const PeerServerSettings& settings, std::uint16_t port, Terminal& terminal,
                     const Log& log) {
  const bool everywhere = settings.host == "0.0.0.0" || settings.host == "::";
  terminal.say("IP Address Running: " + (everywhere ? local_address() : settings.host));
  terminal.say("Server started");
  log.info("serving",
           {{"host", settings.host}, {"port", port}, {"shared_dir", settings.shared_dir}});
}

int serve(const PeerServerSettings& settings) {
  const Log log(settings.log_level, settings.log_format);
  Terminal terminal;
  ChangeRelay relay;
  const auto folder = open_folder(settings, log, relay);
  if (!folder)
    return fail("shared_dir: " + folder.error().message + "; create it or name another",
                ExitCode::kConfiguration);
  UploadLimits limits;
  limits.share.slots = settings.upload_slots;
  limits.rate = settings.upload_rate;
  limits.rate_per_peer = settings.upload_rate_per_peer;
  RpcServer server(folder->get(), limits,
                   [&terminal] { terminal.say("200 - OK, File sent successfully!"); });
  const Result<std::uint16_t> port = server.start(settings.host, settings.port);
  if (!port) return fail(port.error().message, ExitCode::kFailed);
  tell_of_serving(settings, *port, terminal, log);
  std::optional<Announcing> announcing;
  if (settings.announce) {
    announcing.emplace(*settings.announce, *port, folder->get(), log);
    // Connected first: what changes from now on is heard, what is there is read from it.
    relay.connect(&*announcing);
    announcing->start();
  }
  const int signal = wait_for_termination();
  log.info("stopping", {{"signal", signal}});
  relay.connect(nullptr);
  const bool logged_out = !announcing || announcing->stop();
  server.stop(kStreamGrace);
  log.info("stopped");
  // The thread that waits for the directory still uses what would be destroyed here.
  if (!logged_out) std::_Exit(to_int(ExitCode::kDone));
  return to_int(ExitCode::kDone);
}

int run(int argc, const char* const* argv) {
  block_termination_signals();
  // A heap a thread would keep what each of them needed at its worst moment.
  ::mallopt(M_ARENA_MAX, 2);
  // gRPC's own lines would stand between ours; what matters is in its results.
  if (!environment("GRPC_VERBOSITY")) gpr_set_log_function([](gpr_log_func_args*) {});
  CLI::App app("Serves the files of a shared folder to other peers of Trueque.");
  const Startup startup = start_program(app, peer_server_schema(), argc, argv);
  if (!startup.config) return startup.exit_code;
  const Result<PeerServerSettings> settings = read_settings(*startup.config, environment);
  if (!settings) return fail(settings.error().message, ExitCode::kConfiguration);
  return serve(*settings);
}

}  // namespace
}  // namespace trueque

int main(int argc, char** argv) {
  try {
    return trueque::run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "peer-server: cannot go on: " << failure.what() << "\n";
    return trueque::to_int(trueque::ExitCode::kFailed);
  }
}
