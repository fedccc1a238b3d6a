#include "server/storage/postgres/postgres_pool.h"

#include "server/storage/postgres/postgres_error.h"
#include "server/storage/postgres/postgres_statements.h"

namespace trueque {
namespace {

constexpr int kTries = 4;
// After a failed connect others are not tried for so long.
constexpr std::chrono::milliseconds kPause{500};

Error all_lent() {
  return Error{Code::kUnavailable, "The directory's database is too busy; try again in a moment.",
               std::chrono::seconds(1)};
}

}  // namespace

PostgresPool::PostgresPool(PostgresOptions options, StorageWatcher* watcher)
    : options_(std::move(options)), watcher_(watcher) {}
PostgresPool::~PostgresPool() = default;

Status PostgresPool::run_read(const Body& body) {
  return run([&](pqxx::connection_base& connection) {
    pqxx::nontransaction transaction(connection);
    return body(transaction);
  });
}

Status PostgresPool::run_write(const Body& body) {
  const auto began = std::chrono::steady_clock::now();
  Status written = run([&](pqxx::connection_base& connection) {
    pqxx::work transaction(connection);
    Status status = body(transaction);
    if (status.ok()) transaction.commit();
    return status;
  });
  tell(written, began);
  return written;
}

Status PostgresPool::run_light_write(const Body& body) {
  return run([&](pqxx::connection_base& connection) {
    pqxx::work transaction(connection);
    transaction.exec("set local synchronous_commit to off");
    Status status = body(transaction);
    if (status.ok()) transaction.commit();
    return status;
  });
}

void PostgresPool::tell(const Status& written, std::chrono::steady_clock::time_point began) const {
  if (watcher_ == nullptr) return;
  const auto took = std::chrono::steady_clock::now() - began;
  if (written.ok()) {
    watcher_->synced(
        {.changes = 1, .took = std::chrono::duration_cast<std::chrono::microseconds>(took)});
  } else if (written.error().code == Code::kUnavailable) {
    watcher_->sync_failed(written.error());
  }
}

Status PostgresPool::run(const std::function<Status(pqxx::connection_base&)>& once) {
  Error last;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    Result<Connection> taken = take();
    if (!taken.ok()) return taken.error();
    Connection connection = *std::move(taken);
    try {
      Status status = once(*connection);
      give_back(std::move(connection));
      return status;
    } catch (const std::exception& failure) {
      switch (database_fault(failure)) {
        case DatabaseFault::kConnection:
          discard(std::move(connection));
          last = database_unavailable(failure);
          continue;
        case DatabaseFault::kConflict:
          give_back(std::move(connection));
          last = database_unavailable(failure);
          continue;
        case DatabaseFault::kInDoubt:
          discard(std::move(connection));
          return database_in_doubt();
        case DatabaseFault::kNoMemory:
          discard(std::move(connection));
          return no_memory_for_database();
        case DatabaseFault::kUnavailable:
          give_back(std::move(connection));
          return database_unavailable(failure);
        case DatabaseFault::kOurs:
          discard(std::move(connection));
          return database_defect(failure);
      }
    }
  }
  return last;
}

Result<PostgresPool::Connection> PostgresPool::take() {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return lent_ < options_.connections; };
  if (!returned_.wait_for(lock, options_.patience, is_free)) return all_lent();
  if (idle_.empty() && std::chrono::steady_clock::now() < away_until_) return away_;
  ++lent_;
  if (!idle_.empty()) {
    Connection connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  lock.unlock();
  Result<Connection> made = connect();
  if (made.ok()) return made;
  lock.lock();
  --lent_;
  away_ = made.error();
  away_until_ = std::chrono::steady_clock::now() + kPause;
  lock.unlock();
  returned_.notify_one();
  return made;
}

Result<PostgresPool::Connection> PostgresPool::connect() {
  try {
    auto connection = std::make_unique<pqxx::connection>(options_.url);
    for (const PostgresStatement& statement : postgres_statements())
      connection->prepare(statement.name, statement.sql);
    return Connection(std::move(connection));
  } catch (const std::exception& failure) {
    return database_unavailable(failure);
  }
}

void PostgresPool::give_back(Connection connection) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

// What ended one connection has most likely ended those that lie idle as well.
void PostgresPool::discard(Connection connection) {
  std::vector<Connection> dead;
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    dead.swap(idle_);
  }
  dead.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace trueque
