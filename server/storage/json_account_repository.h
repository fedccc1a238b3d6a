// Accounts in a JSON file of their own, mode 0600, replaced as a whole. Another
// process (`main-server add-user`) may write it too: each change is made under a
// lock on the file, on what is there by then, and a look-up notices that the file
// was replaced.
//
// A file that becomes damaged or goes missing closes no account and opens none:
// those last read stay. Over a damaged one nothing is written; a missing one is
// written anew, with all of them, at the next change. Any thread.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "server/core/account_repository.h"
#include "server/storage/account_document.h"

namespace trueque {

class JsonAccountRepository final : public AccountRepository {
  struct Private {
    explicit Private() = default;
  };

 public:
  // Told what becomes wrong with the file after open(), once until that changes. The
  // message names the file; the code is kNotFound when it has gone. From any thread.
  using Report = std::function<void(const Error&)>;

  // A missing file is an empty one. kDataLoss when it is damaged, which is left as
  // it is; see exit_code_for_storage().
  static Result<std::unique_ptr<JsonAccountRepository>> open(const std::string& path,
                                                             Report report = nullptr);

  // For open() alone.
  JsonAccountRepository(Private /*key*/, std::string path, Report report)
      : path_(std::move(path)), report_(std::move(report)) {}

  Result<std::optional<Account>> find(const std::string& username) const override;
  Status create(const Account& account) override;
  Status set_password(const Account& account) override;

 private:
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
  Status read_again(const Version& version) const;
  void keep_without_file() const;
  void tell(const Error& error) const;
  Error not_saved(const Error& error) const;
  template <typename Edit>
  Status edit(Edit apply);

  const std::string path_;
  const Report report_;
  std::mutex writers_;  // one change at a time within this process; held over its I/O
  mutable std::mutex mutex_;
  mutable Accounts accounts_;       // guarded by mutex_
  mutable Version version_;         // guarded by mutex_
  mutable bool only_here_ = false;  // guarded by mutex_: the file lost accounts that are kept
  mutable std::string told_;        // guarded by mutex_
};

}  // namespace trueque
