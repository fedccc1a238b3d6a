// What `[storage] backend` chose: where the state and the accounts are kept.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/base/exit_code.h"
#include "common/base/logging.h"
#include "server/cli/server_settings.h"
#include "server/core/account_repository.h"
#include "server/core/directory_repository.h"
#include "server/core/storage_watcher.h"

namespace trueque {

class StorageBackend {
 public:
  // The references must outlive what is made.
  static Result<std::unique_ptr<StorageBackend>> open(const ServerSettings& settings,
                                                      const Clock& clock, StorageWatcher& watcher,
                                                      const Log& log);
  virtual ~StorageBackend() = default;

  virtual DirectoryRepository& directory() = 0;
  virtual AccountRepository& accounts() = 0;
  // How many requests may wait at once for the program that has the state; 0 where it is
  // in this one, and nobody waits.
  virtual std::size_t waiting_readers() const = 0;
  // Finishes what is waiting; no change is taken after.
  virtual void close() = 0;
};

// The accounts alone, for `main-server add-user`, beside a server that runs.
struct AccountsAlone {
  std::shared_ptr<void> keeper;  // what `accounts` needs
  std::shared_ptr<AccountRepository> accounts;
};
Result<AccountsAlone> open_accounts(const ServerSettings& settings);

// How the program ends when these cannot be opened.
ExitCode exit_code_for_backend(const ServerSettings& settings, Code code);

}  // namespace trueque
