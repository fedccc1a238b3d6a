// A few connections to the database, lent to whoever has something to ask. A request
// that meets a connection that has died (the database was restarted) is made again on
// a new one; while the database is away requests fail at once instead of queueing up.
// Any thread; a thread holds one connection at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "server/core/storage_watcher.h"

namespace trueque {

struct PostgresOptions {
  std::string url;
  std::size_t connections = 16;  // at most
  // How long a request waits for one of them when all are lent.
  std::chrono::milliseconds patience{2000};
};

class PostgresPool {
 public:
  // `watcher`, where there is one, is told of changes that were kept and that could not be;
  // it must outlive the pool.
  explicit PostgresPool(PostgresOptions options, StorageWatcher* watcher = nullptr);
  ~PostgresPool();
  PostgresPool(const PostgresPool&) = delete;
  PostgresPool& operator=(const PostgresPool&) = delete;

  // Runs `work` on its own, one statement being one transaction. It may be run more than
  // once, and so must leave nothing behind but its answer. Errors of its own are passed
  // on, exceptions become kUnavailable or kInternal.
  template <typename T, typename Work>
  Result<T> read(Work work) {
    return answer_of<T>(&PostgresPool::run_read, work);
  }
  // Runs `work` in one transaction, kept when it answers without an error.
  template <typename T, typename Work>
  Result<T> write(Work work) {
    return answer_of<T>(&PostgresPool::run_write, work);
  }

  // A write that the next of its kind makes good should the database lose it in a crash: its
  // disk is not waited for, and the watcher hears nothing of it.
  template <typename T, typename Work>
  Result<T> write_lightly(Work work) {
    return answer_of<T>(&PostgresPool::run_light_write, work);
  }

 private:
  // Of its own type: the library's base class must not be what is deleted.
  using Connection = std::unique_ptr<pqxx::connection>;
  using Body = std::function<Status(pqxx::transaction_base&)>;

  template <typename T, typename Work>
  Result<T> answer_of(Status (PostgresPool::*transact)(const Body&), Work& work) {
    if constexpr (std::is_void_v<T>) {
      return (this->*transact)(work);
    } else {
      Result<T> answer = make_error(Code::kInternal, "not asked");
      const Status status = (this->*transact)([&](pqxx::transaction_base& transaction) {
        answer = work(transaction);
        return answer.ok() ? Status() : Status(answer.error());
      });
      if (!status.ok()) return status.error();
      return answer;
    }
  }

  Status run_read(const Body& body);
  Status run_write(const Body& body);
  Status run_light_write(const Body& body);
  void tell(const Status& written, std::chrono::steady_clock::time_point began) const;
  Status run(const std::function<Status(pqxx::connection_base&)>& once);
  Result<Connection> take();
  Result<Connection> connect();
  void give_back(Connection connection);
  void discard(Connection connection);

  const PostgresOptions options_;
  StorageWatcher* const watcher_;
  std::mutex mutex_;
  std::condition_variable returned_;
  // All guarded by mutex_.
  std::vector<Connection> idle_;
  std::size_t lent_ = 0;
  std::chrono::steady_clock::time_point away_until_{};
  Error away_;  // why the database could not be reached last
};

}  // namespace trueque
