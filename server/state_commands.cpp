#include "server/state_commands.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <iterator>

#include "common/base/clock.h"
#include "common/base/exit_code.h"
#include "common/base/files.h"
#include "common/base/text.h"
#include "server/storage/directory_import.h"
#include "server/storage/directory_repair.h"
#include "server/storage/disk_files.h"
#include "server/storage/file_lock.h"
#include "server/storage/postgres/postgres_backup.h"
#include "server/storage/postgres/postgres_migrations.h"

namespace trueque {
namespace {

constexpr const char* kStream = "-";
constexpr mode_t kSecret = 0600;

int fail(const Error& error) {
  std::cerr << "main-server: " << printable(error.message) << "\n";
  return to_int(exit_code_for_storage(error.code));
}

void say(const std::string& line) { std::cerr << printable(line) << "\n"; }

std::string plural(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto made = std::filesystem::absolute(path, failed);
  return failed ? path : made.string();
}

std::string summary(const DirectoryBackup& backup) {
  std::uint64_t sessions = 0;
  for (const auto& [key, peer] : backup.tables->all_peers()) sessions += peer.sessions.size();
  const RepositoryCounts counts = backup.tables->counts();
  std::string text = plural(counts.peers, "peer") + ", " + plural(counts.files, "file") + ", " +
                     plural(sessions, "session");
  if (backup.accounts) text += ", " + plural(backup.accounts->size(), "account");
  return text;
}

Result<std::string> read_input(const std::string& file) {
  if (file != kStream) return read_file(file);
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  if (std::cin.bad()) return make_error(Code::kAborted, "cannot read standard input");
  return text;
}

// Of check and repair, which are about files.
int fail_without_files(const char* command) {
  return fail(make_error(Code::kInvalidArgument,
                         std::string("'") + command +
                             "' is about the files of backend json; a database has tools of its "
                             "own (pg_dump, pg_amcheck)"));
}

Result<DirectoryBackup> read_backup_of(const ServerSettings& settings) {
  const SystemClock clock;
  if (settings.backend == StorageKind::kPostgres) {
    if (Status migrated = migrate_postgres(settings.postgres_url); !migrated)
      return migrated.error();
    PostgresPool pool({.url = settings.postgres_url});
    return read_postgres_backup(pool, clock);
  }
  const DiskFiles files;
  const auto paths = locate_state(settings.state_path);
  if (!paths) return paths.error();
  auto found = read_directory(files, *paths, clock);
  if (!found) return found.error();
  return std::move(found->backup);
}

// Gives the copies that were made of what was there.
Result<std::vector<std::string>> import_into(const ServerSettings& settings,
                                             const DirectoryBackup& backup) {
  if (settings.backend == StorageKind::kPostgres) {
    if (Status migrated = migrate_postgres(settings.postgres_url); !migrated)
      return migrated.error();
    PostgresPool pool({.url = settings.postgres_url});
    const Status imported = import_into_postgres(pool, backup);
    if (!imported) return imported.error();
    return std::vector<std::string>();
  }
  DiskFiles files;
  const auto paths = state_paths(settings.state_path);
  if (!paths) return paths.error();
  const auto lock = FileLock::try_lock(paths->lock, paths->state);
  if (!lock) return lock.error();
  return import_backup(files, *paths, backup);
}

int run_check(const ServerSettings& settings) {
  if (settings.backend == StorageKind::kPostgres) return fail_without_files("check");
  const DiskFiles files;
  const SystemClock clock;
  const auto paths = locate_state(settings.state_path);
  if (!paths) return fail(paths.error());
  const auto found = read_directory(files, *paths, clock);
  if (!found) return fail(found.error());
  const StorageRecovery& read = found->loaded.recovery;
  std::cout << paths->state << " is whole: " << summary(found->backup) << ".\n"
            << "The journal holds " << plural(read.frames, "sync") << ", "
            << plural(read.bytes, "byte") << ".\n";
  if (read.torn_bytes > 0) {
    std::cout << "The last " << plural(read.torn_bytes, "byte") << " of " << read.torn_file
              << " are torn: a crash left them, or they are being written. They were never "
                 "acknowledged.\n";
  }
  return to_int(ExitCode::kDone);
}

int run_repair(const ServerSettings& settings) {
  if (settings.backend == StorageKind::kPostgres) return fail_without_files("repair");
  DiskFiles files;
  const SystemClock clock;
  const auto paths = locate_state(settings.state_path);
  if (!paths) return fail(paths.error());
  if (const Status there = require_directory(files, *paths); !there) return fail(there.error());
  const auto lock = FileLock::try_lock(paths->lock, paths->state);
  if (!lock) return fail(lock.error());
  const auto report = repair_directory(files, *paths, clock);
  if (!report) return fail(report.error());
  if (report->damages.empty()) {
    std::cout << paths->state << ": there is nothing to repair.\n";
    return to_int(ExitCode::kDone);
  }
  for (const JournalDamage& damage : report->damages) {
    std::cout << "Lost: " << damage.path << ", " << plural(damage.range.length, "byte")
              << " from byte " << damage.range.offset << ": " << damage.what << ".\n";
  }
  for (const std::string& path : report->set_aside) std::cout << "Set aside: " << path << "\n";
  std::cout << "Kept: " << plural(report->kept.peers, "peer") << " with "
            << plural(report->kept.files, "file") << ", from the state file and "
            << plural(report->kept.frames, "sync") << " of the journal.\n";
  return to_int(ExitCode::kDone);
}

}  // namespace

StateCommands::StateCommands(CLI::App& app) {
  export_ = app.add_subcommand("export",
                               "Write all there is into one file, also while the "
                               "server runs");
  export_->add_option("file", file_, "The file to write; - is standard output")->required();
  auto* only = export_->add_flag("--public", public_only_, "Leave out accounts and sessions");
  export_->add_flag("--secrets", secrets_, "Write accounts and sessions to a terminal as well")
      ->excludes(only);
  import_ = app.add_subcommand("import",
                               "Take over what export wrote, or any state file; the "
                               "server must be stopped");
  import_->add_option("file", file_, "The file to read; - is standard input")->required();
  check_ = app.add_subcommand("check", "Read all files and say whether they are whole");
  repair_ = app.add_subcommand("repair",
                               "Set damaged parts of the journal aside; the server "
                               "must be stopped");
  for (CLI::App* command : {export_, import_, check_, repair_}) command->fallthrough();
}

std::optional<int> StateCommands::run(const ServerSettings& settings) const {
  if (export_->parsed()) return run_export(settings);
  if (import_->parsed()) return run_import(settings);
  if (check_->parsed()) return run_check(settings);
  if (repair_->parsed()) return run_repair(settings);
  return std::nullopt;
}

int StateCommands::run_export(const ServerSettings& settings) const {
  const auto backup = read_backup_of(settings);
  if (!backup) return fail(backup.error());
  const bool to_terminal = file_ == kStream && ::isatty(STDOUT_FILENO) == 1;
  const bool with_secrets = !public_only_ && (secrets_ || !to_terminal);
  const std::string text = write_backup(*backup, with_secrets);
  DiskFiles files;
  const Status written = file_ == kStream ? write_all(STDOUT_FILENO, text, "standard output")
                                          : replace_file(files, absolute(file_), text, kSecret);
  if (!written) return fail(written.error());
  if (to_terminal && !with_secrets && !public_only_)
    say("Accounts and sessions are left out on a terminal; --secrets writes them as well.");
  say("Exported " + summary(*backup) +
      (with_secrets ? "."
                    : "; accounts and sessions are "
                      "not in it."));
  return to_int(ExitCode::kDone);
}

int StateCommands::run_import(const ServerSettings& settings) const {
  const auto text = read_input(file_);
  if (!text) return fail(text.error());
  const SystemClock clock;
  const auto backup = read_backup(*text, clock);
  if (!backup)
    return fail(make_error(backup.error().code,
                           file_ + ": " + backup.error().message + "; nothing was changed"));
  const auto copies = import_into(settings, *backup);
  if (!copies) return fail(copies.error());
  for (const std::string& copy : *copies) say("Kept what was there: " + copy);
  say("Imported " + summary(*backup) + ".");
  return to_int(ExitCode::kDone);
}

}  // namespace trueque
