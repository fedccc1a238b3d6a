#include "server/storage/postgres/postgres_counts.h"

#include <pqxx/pqxx>

namespace trueque {
namespace {

using Transaction = pqxx::transaction_base;

struct Exact {
  std::uint64_t peers = 0, files = 0;
  std::string state;
};

Result<Exact> read_exact(PostgresPool& pool) {
  return pool.read<Exact>([](Transaction& transaction) -> Result<Exact> {
    const pqxx::row row = transaction.exec_prepared1("count_peers");
    return Exact{row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>(), row[2].as<std::string>()};
  });
}

}  // namespace

Result<RepositoryCounts> PostgresCounts::read() {
  const Result<Exact> exact = read_exact(pool_);
  if (!exact.ok()) return exact.error();
  RepositoryCounts counts{exact->peers, exact->files, 0, 0};
  std::optional<Counted> counted = kept(exact->state, exact->files);
  if (!counted) {
    Result<Counted> anew = count(exact->state);
    if (!anew.ok()) return anew.error();
    counted = *std::move(anew);
  }
  counts.names = counted->names;
  counts.contents = counted->contents;
  return counts;
}

std::optional<PostgresCounts::Counted> PostgresCounts::kept(const std::string& state,
                                                            std::uint64_t files) {
  const std::lock_guard lock(mutex_);
  if (counted_ && counted_->state == state) return counted_;
  const bool is_large = files > limits_.exact_up_to;
  const bool is_recent = counted_ && clock_.steady() - counted_->when < limits_.oldest;
  if (is_large && counted_ && (is_recent || is_counting_)) return counted_;
  is_counting_ = true;
  return std::nullopt;
}

Result<PostgresCounts::Counted> PostgresCounts::count(const std::string& state) {
  Result<Counted> counted = pool_.read<Counted>([&](Transaction& transaction) -> Result<Counted> {
    const pqxx::row row = transaction.exec_prepared1("count_names");
    return Counted{state, {}, row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>()};
  });
  const std::lock_guard lock(mutex_);
  is_counting_ = false;
  if (!counted.ok()) return counted;
  counted->when = clock_.steady();
  counted_ = *counted;
  return counted;
}

}  // namespace trueque
