// Directory::find_files(): many files in one request, page by page.
#include <utility>

#include "server/core/directory.h"
#include "server/core/find_cursor.h"
#include "server/core/request_rules.h"

namespace trueque {

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

}  // namespace trueque
