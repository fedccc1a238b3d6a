// Many files in one request: Directory::find_files(), page by page, and find_many().
#include <algorithm>
#include <set>
#include <utility>

#include "server/core/directory.h"
#include "server/core/file_sources.h"
#include "server/core/find_cursor.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

// In their order.
template <typename T>
std::vector<T> each_once(std::span<const T> wanted) {
  std::set<T> seen;
  std::vector<T> once;
  for (const T& each : wanted) {
    if (seen.insert(each).second) once.push_back(each);
  }
  return once;
}

}  // namespace

Result<FoundPage> Directory::find_files(const Caller& caller, const FileQuery& query) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_file_query(query); !status) return status.error();
  Result<FileFilter> filter = FileFilter::make(query);
  if (!filter.ok()) return filter.error();
  FindRequest request{*std::move(filter), query.limit, std::nullopt, find_turn_++};
  if (!query.cursor.empty()) {
    Result<SharedFile> last = decode_find_cursor(query.cursor);
    if (!last.ok()) return last.error();
    request.after = *std::move(last);
  }
  Result<FindResult> found = repository_.find_files(request);
  if (!found.ok()) return found.error();
  FoundPage page{std::move(found->files), std::nullopt};
  if (found->end) page.next = encode_find_cursor(*found->end);
  return page;
}

Result<std::vector<FileSource>> Directory::find_many(const Caller& caller,
                                                     std::span<const std::string> file_names,
                                                     std::span<const ContentId> ids,
                                                     std::uint32_t limit) {
  const auto session = authenticate(caller);
  if (!session.ok()) return session.error();
  if (Status status = validate_wanted(file_names, ids); !status) return status.error();
  if (Status status = validate_limit(limit); !status) return status.error();
  const std::size_t wanted = std::max<std::size_t>(1, file_names.size() + ids.size());
  const auto share =
      static_cast<std::uint32_t>(std::min<std::size_t>(limit, kMaxRowsOfMany / wanted));
  return to_file_sources(
      repository_.find_many(each_once<std::string>(file_names), each_once<ContentId>(ids), share));
}

}  // namespace trueque
