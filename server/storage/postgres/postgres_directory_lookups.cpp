// PostgresDirectoryRepository's look-ups of one name, content or search.
#include <algorithm>
#include <iterator>

#include "server/core/search_query.h"
#include "server/storage/postgres/postgres_array.h"
#include "server/storage/postgres/postgres_directory_repository.h"
#include "server/storage/postgres/postgres_rows.h"
#include "server/storage/postgres/postgres_search_form.h"

namespace trueque {
namespace {

using Transaction = pqxx::transaction_base;

// Of a name or content that more share, some of the sources are not looked at.
constexpr std::size_t kMostLookedAt = 5'000;
constexpr std::size_t kMostLookedAtForMany = 50'000;  // all together

std::size_t most_looked_at(std::size_t wanted, std::uint32_t limit) {
  const std::size_t share = kMostLookedAtForMany / std::max<std::size_t>(1, wanted);
  return std::clamp<std::size_t>(share, limit, std::max<std::size_t>(limit, kMostLookedAt));
}

std::vector<Source> sources_of(const pqxx::result& rows) {
  std::vector<Source> sources;
  for (const pqxx::row& row : rows) sources.push_back({peer_of(row, 0), file_of(row, 3)});
  return sources;
}

std::vector<RankedHit> hits_of(const pqxx::result& rows) {
  std::vector<RankedHit> hits;
  for (const pqxx::row& row : rows)
    hits.push_back({row[4].as<int>(), {file_of(row, 0), row[3].as<std::uint64_t>()}});
  return hits;
}

}  // namespace

Result<std::vector<Source>> PostgresDirectoryRepository::find_by_name(std::string_view name,
                                                                      std::uint32_t limit) const {
  using Answer = std::vector<Source>;
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    return sources_of(
        transaction.exec_prepared("find_by_name", std::string(name), limit, kMostLookedAt));
  });
}

Result<std::vector<Source>> PostgresDirectoryRepository::find_by_content(
    const ContentId& id, std::uint32_t limit) const {
  using Answer = std::vector<Source>;
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    return sources_of(
        transaction.exec_prepared("find_by_content", bytes_of(id.bytes), limit, kMostLookedAt));
  });
}

Result<std::vector<Source>> PostgresDirectoryRepository::find_many(
    std::span<const std::string> names, std::span<const ContentId> ids, std::uint32_t limit) const {
  using Answer = std::vector<Source>;
  const auto looked_at = most_looked_at(names.size() + ids.size(), limit);
  PostgresArray all_names, all_ids;
  for (const std::string& name : names) all_names.add(name);
  for (const ContentId& id : ids) all_ids.add_bytes(id.bytes);
  const std::string names_text = all_names.take();
  const std::string ids_text = all_ids.take();
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    Answer all;
    const auto add = [&](const char* statement, const std::string& wanted) {
      Answer found = sources_of(transaction.exec_prepared(statement, wanted, limit, looked_at));
      std::move(found.begin(), found.end(), std::back_inserter(all));
    };
    if (!names.empty()) add("find_by_names", names_text);
    if (!ids.empty()) add("find_by_contents", ids_text);
    return all;
  });
}

Result<std::vector<RankedHit>> PostgresDirectoryRepository::search(
    const SearchRequest& request) const {
  using Answer = std::vector<RankedHit>;
  const SearchQuery query(request.words);
  if (query.words().empty()) return Answer();
  PostgresArray patterns, marked;
  for (const std::string& word : query.words()) {
    patterns.add(like_pattern(word));
    marked.add(marked_word(word));
  }
  const std::string all_patterns = patterns.take();
  const std::string all_marked = marked.take();
  const SearchPosition after = request.after.value_or(SearchPosition());
  const NullableText rank(request.after ? std::optional(after.rank) : std::nullopt);
  const ContentOrder content(after.file.content);
  return pool_.read<Answer>([&](Transaction& transaction) -> Result<Answer> {
    return hits_of(transaction.exec_prepared(
        "search", searchable_form(request.words), like_pattern(query.words().front()), all_patterns,
        all_marked, request.limit + 1, rank.get(), after.sources, after.file.name, content.size,
        content.id_hex));
  });
}

}  // namespace trueque
