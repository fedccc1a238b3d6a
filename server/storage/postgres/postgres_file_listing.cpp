#include "server/storage/postgres/postgres_file_listing.h"

#include <algorithm>

#include "server/storage/postgres/postgres_array.h"
#include "server/storage/postgres/postgres_directory_repository.h"
#include "server/storage/postgres/postgres_rows.h"
#include "server/storage/postgres/postgres_search_form.h"

namespace trueque {
namespace {

constexpr std::uint64_t kMostLookedAt = 50'000;
constexpr std::size_t kMostInAStretch = 5'000;
// So many steps of a pattern take about as long as looking at a row.
constexpr std::uint64_t kStepsOfARow = 64;
// A turn more than this many begins with the first again; keeps the product small.
constexpr std::uint64_t kTurns = 1'000'000;

}  // namespace

FindResult PostgresFileListing::page() {
  // Where a pattern picks, more rows are looked at than taken.
  const bool all_are_taken = request_.filter.prefix().empty() && request_.filter.words().empty();
  const std::size_t rows = all_are_taken ? std::size_t{request_.limit} + 1 : kMostInAStretch;
  while (true) {
    const pqxx::result stretch = transaction_.exec(stretch_sql(rows));
    if (!take(stretch)) break;
    if (static_cast<std::size_t>(stretch.size()) < rows) break;
    if (looked_at_ + steps_ / kStepsOfARow >= kMostLookedAt) {
      result_.end = after_;
      break;
    }
  }
  add_sources();
  return std::move(result_);
}

bool PostgresFileListing::take(const pqxx::result& rows) {
  for (const pqxx::row& row : rows) {
    SharedFile file = file_of(row, 0);
    ++looked_at_;
    if (request_.filter.takes_place(file.name, steps_)) {
      if (result_.files.size() == request_.limit) {
        result_.end = result_.files.back().file;
        return false;
      }
      result_.files.push_back({file, {}});
    }
    after_ = std::move(file);
  }
  return true;
}

std::string PostgresFileListing::stretch_sql(std::size_t rows) const {
  return "select name, size, content_id from files where " + conditions() +
         " group by name, size, content_id"
         " order by name, coalesce(size, -1), coalesce(content_id, '') limit " +
         std::to_string(rows);
}

std::string PostgresFileListing::conditions() const {
  const FileFilter& filter = request_.filter;
  std::string sql = "true";
  if (filter.is_about_names_or_contents()) sql += " and " + names_or_contents();
  if (!filter.prefix().empty()) {
    // "%prefix%" without the first sign.
    sql += " and name like " + transaction_.quote(like_pattern(filter.prefix()).substr(1));
  }
  for (const std::string& word : filter.words())
    sql += " and folded like " + transaction_.quote(like_pattern(word));
  if (!filter.peer_name().empty()) {
    sql += " and peer_id in (select peer_id from peers where username = " +
           transaction_.quote(filter.peer_name()) + ")";
  }
  if (after_) {
    const ContentOrder content(after_->content);
    sql += " and name >= " + transaction_.quote(after_->name) +
           " and (name, coalesce(size, -1), coalesce(content_id, '')) > (" +
           transaction_.quote(after_->name) + ", " + std::to_string(content.size) + ", " +
           transaction_.quote(content.id_hex) + ")";
  }
  return sql;
}

std::string PostgresFileListing::names_or_contents() const {
  PostgresArray names, ids;
  for (const std::string& name : request_.filter.names()) names.add(name);
  for (const ContentId& id : request_.filter.contents()) ids.add_bytes(id.bytes);
  const std::string wanted = transaction_.quote(names.take()) + "::text[]";
  return "(name = any (" + wanted + ") or component = any (" + wanted + ") or content_id = any (" +
         transaction_.quote(ids.take()) + "::bytea[]))";
}

void PostgresFileListing::add_sources() {
  if (result_.files.empty()) return;
  PostgresArray names, sizes, ids;
  for (const FoundFile& found : result_.files) {
    names.add(found.file.name);
    if (found.file.content) {
      sizes.add(static_cast<std::int64_t>(found.file.content->size));
      ids.add_bytes(found.file.content->id.bytes);
    } else {
      sizes.add_null();
      ids.add_null();
    }
  }
  const std::string& person = request_.filter.peer_name();
  const NullableText person_or_null(person.empty() ? std::nullopt : std::optional(person));
  const pqxx::result rows =
      transaction_.exec_prepared("sources_of_files", names.take(), sizes.take(), ids.take(),
                                 request_.turn % kTurns, kMaxSourcesOfAFile, person_or_null.get());
  for (const pqxx::row& row : rows)
    result_.files[row[0].as<std::size_t>() - 1].sources.push_back(peer_of(row, 1));
  // One whose last source went meanwhile.
  std::erase_if(result_.files, [](const FoundFile& found) { return found.sources.empty(); });
}

Result<FindResult> PostgresDirectoryRepository::find_files(const FindRequest& request) const {
  return pool_.read<FindResult>([&](pqxx::transaction_base& transaction) -> Result<FindResult> {
    return PostgresFileListing(transaction, request).page();
  });
}

}  // namespace trueque
