#include "server/storage/json_account_repository.h"

#include "common/base/files.h"
#include "server/storage/file_lock.h"
#include "server/storage/state_paths.h"

namespace trueque {
Result<std::unique_ptr<JsonAccountRepository>> JsonAccountRepository::open(const std::string& path,
                                                                           Report report) {
  auto repository = std::make_unique<JsonAccountRepository>(Private(), path, std::move(report));
  if (Status status = repository->read_again(version_of(path)); !status) return status.error();
  return repository;
}

JsonAccountRepository::Version JsonAccountRepository::version_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

Status JsonAccountRepository::refresh() const {
  // Before reading: a file replaced meanwhile is then read once more, not missed.
  const Version version = version_of(path_);
  {
    const std::lock_guard lock(mutex_);
    if (version == version_) return {};
  }
  const Status status = read_again(version);
  if (!status) tell(status.error());
  return status;
}

Status JsonAccountRepository::read_again(const Version& version) const {
  const Result<std::string> text = read_file(path_);
  if (!text.ok() && text.error().code != Code::kNotFound) return text.error();
  if (!text.ok()) {
    keep_without_file();
    return {};
  }
  Result<Accounts> accounts = read_accounts(*text);
  if (!accounts.ok()) {
    return make_error(accounts.error().code, path_ + ": " + accounts.error().message +
                                                 "; nothing was changed, repair the file or put "
                                                 "it aside");
  }
  const std::lock_guard lock(mutex_);
  if (only_here_) accounts->insert(accounts_.begin(), accounts_.end());
  accounts_ = *std::move(accounts);
  version_ = version;
  told_.clear();
  return {};
}

void JsonAccountRepository::keep_without_file() const {
  {
    const std::lock_guard lock(mutex_);
    version_ = {};
    if (accounts_.empty()) return;
    only_here_ = true;
  }
  tell(make_error(Code::kNotFound, path_ + " has gone; its accounts are kept in memory and written "
                                           "anew at the next change"));
}

void JsonAccountRepository::tell(const Error& error) const {
  if (!report_) return;
  {
    const std::lock_guard lock(mutex_);
    if (told_ == error.message) return;
    told_ = error.message;
  }
  report_(error);
}

Error JsonAccountRepository::not_saved(const Error& error) const {
  tell(error);
  return Error{Code::kUnavailable,
               "The account could not be saved: " + without_folder(error.message, path_) + ".",
               std::chrono::seconds(5)};
}

Result<std::optional<Account>> JsonAccountRepository::find(const std::string& username) const {
  // A file that became unreadable leaves the accounts as they were last seen.
  static_cast<void>(refresh().ok());
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(username);
  if (found == accounts_.end()) return std::optional<Account>();
  return std::optional<Account>(found->second);
}

template <typename Edit>
Status JsonAccountRepository::edit(Edit apply) {
  const std::lock_guard only_writer(writers_);
  const Result<FileLock> lock = FileLock::wait_for(path_ + ".lock");
  if (!lock.ok()) return not_saved(lock.error());
  Accounts accounts;
  for (bool current = false; !current;) {
    if (Status status = refresh(); !status) return not_saved(status.error());
    // A look-up that began to read before the last change may put back what it saw.
    const std::lock_guard guard(mutex_);
    current = version_ == version_of(path_);
    if (current) accounts = accounts_;
  }
  if (Status status = apply(accounts); !status) return status;
  const Status written = write_file_atomically(path_, write_accounts(accounts), 0600);
  if (!written) return not_saved(written.error());
  const std::lock_guard guard(mutex_);
  accounts_ = std::move(accounts);
  version_ = version_of(path_);
  only_here_ = false;
  told_.clear();
  return {};
}

Status JsonAccountRepository::create(const Account& account) {
  return edit([&](Accounts& accounts) -> Status {
    if (accounts.try_emplace(account.username, account).second) return {};
    return make_error(Code::kAlreadyExists, "This account exists already.");
  });
}

Status JsonAccountRepository::set_password(const Account& account) {
  return edit([&](Accounts& accounts) -> Status {
    const auto found = accounts.find(account.username);
    if (found == accounts.end()) return make_error(Code::kNotFound, "There is no such account.");
    found->second = account;
    return {};
  });
}

}  // namespace trueque
