// Accounts in a JSON file of their own, mode 0600, replaced as a whole. Another
// process (`main-server add-user`) may write it too: each change is made under a
// lock on the file, on what is there by then, and a look-up notices that the file
// was replaced. Any thread.
#pragma once

#include <sys/stat.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/core/account_repository.h"

namespace trueque {

class JsonAccountRepository final : public AccountRepository {
  struct Private {
    explicit Private() = default;
  };

 public:
  // A missing file is an empty one. kDataLoss when it is damaged, which is left as
  // it is; see exit_code_for_storage().
  static Result<std::unique_ptr<JsonAccountRepository>> open(const std::string& path);

  // For open() alone.
  JsonAccountRepository(Private /*key*/, std::string path) : path_(std::move(path)) {}

  std::optional<Account> find(const std::string& username) const override;
  Status create(const Account& account) override;
  Status set_password(const Account& account) override;

 private:
  using Accounts = std::map<std::string, Account>;
  // Tells one version of the file from another; all zero for no file.
  struct Version {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Version&) const = default;
  };

  static Version version_of(const std::string& path);
  // Reads the file again if it was replaced.
  Status refresh() const;
  template <typename Edit>
  Status edit(Edit apply);

  const std::string path_;
  std::mutex writers_;  // one change at a time within this process; held over its I/O
  mutable std::mutex mutex_;
  mutable Accounts accounts_;  // guarded by mutex_
  mutable Version version_;    // guarded by mutex_
};

}  // namespace trueque
