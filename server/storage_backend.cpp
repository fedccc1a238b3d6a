#include "server/storage_backend.h"

#include "server/storage/disk_files.h"
#include "server/storage/json_account_repository.h"
#include "server/storage/json_directory_repository.h"
#include "server/storage/postgres/postgres_account_repository.h"
#include "server/storage/postgres/postgres_directory_repository.h"
#include "server/storage/postgres/postgres_migrations.h"

namespace trueque {
namespace {

void note_accounts(const Log& log, const Error& error) {
  if (error.code == Code::kNotFound) {
    log.warning("accounts_file_missing", {{"reason", error.message}});
  } else {
    log.error("accounts_file_failed", {{"reason", error.message}});
  }
}

class JsonBackend final : public StorageBackend {
 public:
  JsonBackend(StorageWatcher& watcher, const Log& log) : watcher_(watcher), log_(log) {}

  Status open(const ServerSettings& settings, const Clock& clock) {
    auto directory = JsonDirectoryRepository::open(settings.state_path, clock, files_, watcher_);
    if (!directory) return directory.error();
    directory_ = *std::move(directory);
    for (const std::string& warning : directory_->warnings())
      log_.warning("state_upgraded", {{"note", warning}});
    auto accounts = JsonAccountRepository::open(
        directory_->paths().accounts, [this](const Error& error) { note_accounts(log_, error); });
    if (!accounts) return accounts.error();
    accounts_ = *std::move(accounts);
    return {};
  }

  DirectoryRepository& directory() override { return *directory_; }
  AccountRepository& accounts() override { return *accounts_; }
  std::size_t waiting_readers() const override { return 0; }
  void close() override { directory_->close(); }

 private:
  StorageWatcher& watcher_;
  const Log& log_;
  DiskFiles files_;
  std::unique_ptr<JsonDirectoryRepository> directory_;
  std::unique_ptr<JsonAccountRepository> accounts_;
};

class PostgresBackend final : public StorageBackend {
 public:
  PostgresBackend(const ServerSettings& settings, StorageWatcher& watcher)
      : pool_({.url = settings.postgres_url}, &watcher), directory_(pool_), accounts_(pool_) {}

  DirectoryRepository& directory() override { return directory_; }
  AccountRepository& accounts() override { return accounts_; }
  std::size_t waiting_readers() const override { return PostgresOptions().connections; }
  void close() override {}  // each change was kept when it was answered

 private:
  PostgresPool pool_;
  PostgresDirectoryRepository directory_;
  PostgresAccountRepository accounts_;
};

bool is_postgres(const ServerSettings& settings) {
  return settings.backend == StorageKind::kPostgres;
}

}  // namespace

Result<std::unique_ptr<StorageBackend>> StorageBackend::open(const ServerSettings& settings,
                                                             const Clock& clock,
                                                             StorageWatcher& watcher,
                                                             const Log& log) {
  using Made = std::unique_ptr<StorageBackend>;
  if (is_postgres(settings)) {
    if (Status migrated = migrate_postgres(settings.postgres_url); !migrated)
      return migrated.error();
    return Made(std::make_unique<PostgresBackend>(settings, watcher));
  }
  auto backend = std::make_unique<JsonBackend>(watcher, log);
  if (Status opened = backend->open(settings, clock); !opened) return opened.error();
  return Made(std::move(backend));
}

Result<AccountsAlone> open_accounts(const ServerSettings& settings) {
  if (is_postgres(settings)) {
    if (Status migrated = migrate_postgres(settings.postgres_url); !migrated)
      return migrated.error();
    auto pool = std::make_shared<PostgresPool>(PostgresOptions{.url = settings.postgres_url});
    return AccountsAlone{pool, std::make_shared<PostgresAccountRepository>(*pool)};
  }
  const Result<StatePaths> paths = state_paths(settings.state_path);
  if (!paths) return paths.error();
  auto accounts = JsonAccountRepository::open(paths->accounts);
  if (!accounts) return accounts.error();
  return AccountsAlone{nullptr, *std::move(accounts)};
}

ExitCode exit_code_for_backend(const ServerSettings& settings, Code code) {
  return is_postgres(settings) ? exit_code_for(code) : exit_code_for_storage(code);
}

}  // namespace trueque
