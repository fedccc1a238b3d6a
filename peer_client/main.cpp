// peer-client: the person's side. Without a subcommand the five-option menu.
#include <fcntl.h>
#include <grpc/support/log.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "common/base/address.h"
#include "common/base/signals.h"
#include "common/config/startup.h"
#include "peer_client/cli/command_line.h"
#include "peer_client/cli/menu.h"
#include "peer_client/rpc/grpc_peer_channel.h"

namespace trueque {
namespace {

constexpr const char* kSection = "peer_client";
constexpr const char* kOriginal = "Cliente.ini";
// A peer-server on this machine or network: were it slow to answer a question, it hangs.
constexpr GrpcChannelLimits kBesideLimits{std::chrono::seconds(2), std::chrono::seconds(4)};

ConfigSchema schema() {
  const ConfigKey::Check port = integer_between(1, 65535);
  const ConfigKey::Check hosts_or_none = [](const std::string& text) -> Status {
    const auto hosts = parse_directory_hosts(text, 5000);
    return text.empty() || hosts ? Status() : Status(hosts.error());
  };
  return {"peer-client",
          {{kSection, "server_host", "127.0.0.1", "Address or name of the directory",
            host_or_address(), kOriginal, "ip_servidor"},
           {kSection, "server_port", "5000", "Port of the directory", port, kOriginal,
            "puerto_servidor"},
           {kSection, "server_hosts", "",
            "Directories that share their state, host or host:port with commas between, instead of "
            "server_host; when one does not answer the next is asked",
            hosts_or_none},
           {kSection, "peer_server_host", "127.0.0.1",
            "Address or name of the peer-server beside this client", host_or_address(), kOriginal,
            "ip_servidor_peer"},
           {kSection, "peer_server_port", "50051", "Port of that peer-server", port, kOriginal,
            "puerto_servidor_peer"},
           {kSection, "shared_dir", "", "Folder downloads land in, the one that peer-server shares",
            nullptr},
           {kSection, "download_rate", "0",
            "The most bytes a second all downloads together take, like 500k, 10M or 1G; 0: no "
            "limit",
            bytes_a_second()},
           {kSection, "max_sources", "8", "Sources one download is fetched from at once, at most",
            integer_between(1, 64)},
           {kSection, "wait_seconds", "60",
            "How long a download waits for a source when there is none left; 0: not at all",
            integer_between(0, kLongestWaitSeconds)}}};
}

std::string host(const Config& config, const char* key) {
  return canonical_host(config.text(kSection, key)).value_or(config.text(kSection, key));
}

ClientSettings settings_from(const Config& config) {
  ClientSettings settings;
  const std::uint16_t port = config.port(kSection, "server_port");
  settings.directory = {host(config, "server_host"), port};
  const auto hosts = parse_directory_hosts(config.text(kSection, "server_hosts"), port);
  if (hosts) {
    settings.directory = hosts->front();
    settings.other_directories.assign(hosts->begin() + 1, hosts->end());
  }
  settings.beside = {host(config, "peer_server_host"), config.port(kSection, "peer_server_port")};
  settings.shared_dir = config.text(kSection, "shared_dir");
  settings.transfer.seed = std::random_device()();
  settings.transfer.wait = std::chrono::seconds(config.integer(kSection, "wait_seconds"));
  settings.transfer.max_sources = static_cast<unsigned>(config.integer(kSection, "max_sources"));
  settings.download_rate = config.rate(kSection, "download_rate");
  return settings;
}

Status check_shared_dir(const std::string& path) {
  struct stat status {};
  if (path.empty() || (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))) return {};
  return make_error(Code::kInvalidArgument,
                    "there is no shared folder " + path + "; make it, or set another shared_dir");
}

int configuration_failed(const CommandLine& line, const std::string& message, int exit_code) {
  if (line.json() && exit_code != 0)
    print_document(std::cout, error_document(make_error(Code::kInvalidArgument, message)));
  return exit_code;
}

// Hands SIGINT and SIGTERM to `interrupts`, for as long as the process lives.
void watch_signals(Interrupts& interrupts) {
  std::thread([&interrupts] {
    while (true) interrupts.deliver(wait_for_termination());
  }).detach();
}

Console make_console() {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = no_color == nullptr || no_color[0] == '\0';
  return {std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1, terminal, color};
}

Commands make_commands(const ClientParts& parts) {
  const char* password = std::getenv("TRUEQUE_PASSWORD");
  SessionFile file(state_folder(std::getenv("XDG_STATE_HOME"), std::getenv("HOME")),
                   parts.settings.directory);
  return {parts, std::move(file),
          password == nullptr ? std::nullopt : std::optional<std::string>(password)};
}

// Chunks of a download go back to the system at once: kept by the allocator, they
// would cost tens of megabytes.
void keep_memory_low() { ::mallopt(M_MMAP_THRESHOLD, 256 * 1024); }

// Where lines come from. A standard input that was closed is nothing to read from, though
// a library may have opened something under its number before main(): what is inherited
// never closes on exec.
int input_descriptor() {
  const int flags = ::fcntl(STDIN_FILENO, F_GETFD);
  const bool inherited = flags != -1 && (flags & FD_CLOEXEC) == 0;
  return inherited ? STDIN_FILENO : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// gRPC's own lines would stand between ours, with whatever bytes a peer made it say.
void keep_grpc_quiet() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

[[noreturn]] void end_now(int code) {
  code = end_output("peer-client", code);
  std::cerr.flush();
  std::_Exit(code);
}

// Does not return: threads that wait for signals, or ask a directory that hangs, still
// hold their parts.
[[noreturn]] void run(const ClientSettings& settings, CommandLine& line) {
  Interrupts interrupts([](int code) { std::_Exit(code); });
  watch_signals(interrupts);
  TerminalInput input(input_descriptor(), interrupts);
  Console console = make_console();
  HttpDirectoryClient directory(settings.directories());
  GrpcPeerConnector peers;
  GrpcPeerConnector beside(kBesideLimits);
  const SystemClock clock;
  const Waiter wait = wait_in_real_time;
  TokenBucket limit = download_limit(clock, settings.download_rate);
  Aside asking;
  const RunAside aside = [&asking](std::function<void()> job) { asking.run(std::move(job)); };
  const ClientParts parts{settings, directory, peers,      beside, clock, wait,
                          console,  input,     interrupts, aside,  limit};
  if (line.has_command()) {
    const bool may_ask = input.is_terminal() && console.err_is_terminal;
    Commands commands = make_commands(parts);
    const int ended = line.run(commands, console, may_ask);
    // SIGTERM stops what runs as Ctrl-C does, and means the program all the same.
    const int signalled = interrupts.exit_code();
    end_now(signalled != 0 ? signalled : ended);
  }
  // Still alive at the end: its last heartbeat must not be waited for.
  Menu menu(parts);
  end_now(menu.run());
}

}  // namespace
}  // namespace trueque

int main(int argc, char** argv) {
  trueque::block_termination_signals();
  trueque::keep_memory_low();
  trueque::keep_grpc_quiet();
  CLI::App app("Find and fetch files of other peers. Without a subcommand a menu.");
  trueque::CommandLine line(app);
  const trueque::Startup startup = trueque::start_program(app, trueque::schema(), argc, argv);
  if (!startup.config) return trueque::configuration_failed(line, startup.error, startup.exit_code);
  trueque::ClientSettings settings = trueque::settings_from(*startup.config);
  line.apply_to(settings);
  if (trueque::Status status = trueque::check_shared_dir(settings.shared_dir); !status) {
    std::cerr << "peer-client: " << status.error().message << "\n";
    return trueque::configuration_failed(line, status.error().message,
                                         trueque::to_int(trueque::ExitCode::kConfiguration));
  }
  if (line.json() && !line.has_command()) {
    const std::string message = "--json needs a subcommand; see --help";
    std::cerr << "peer-client: " << message << "\n";
    return trueque::configuration_failed(line, message, trueque::to_int(trueque::ExitCode::kUsage));
  }
  trueque::run(settings, line);
}
