#include "peer_client/core/indexer.h"

#include <set>

#include "common/base/file_name.h"

namespace trueque {
namespace {

// A name typed twice, or beside its folder, is offered once.
void drop_repeated(std::vector<std::string>& names) {
  std::set<std::string> seen;
  std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
}

}  // namespace

Result<Indexer::Report> Indexer::index(const std::vector<std::string>& names, const Watch& watch,
                                       const Cancellation& cancellation) {
  if (const Result<Login> login = session_.require_login(); !login) return login.error();
  Report report;
  std::vector<std::string> found;
  if (names.empty()) {
    if (!folder_.configured()) {
      return make_error(Code::kFailedPrecondition,
                        "no shared folder is configured; set shared_dir, or type file names");
    }
    if (Status status = collect("", found, report); !status) return status.error();
  }
  for (const std::string& name : names) {
    if (Status status = collect(name, found, report); !status) return status.error();
  }
  drop_repeated(found);
  const bool typed = !names.empty();
  if (Status status = hash_all(found, typed, watch, cancellation, report); !status)
    return status.error();
  // An empty folder is told all the same: that shows whether the directory is there.
  if (report.files.empty() && typed) return report;
  auto indexed = session_.index_files(report.files, IndexMode::kAdd);
  if (!indexed) return indexed.error();
  report.indexed = *indexed;
  return report;
}

// `name` itself, or all that is below it when it is a folder; "" is the whole folder.
Status Indexer::collect(const std::string& name, std::vector<std::string>& found,
                        Report& report) const {
  if (!name.empty()) {
    if (Status valid = validate_file_name(name); !valid) {
      report.refused.push_back(name + " " + valid.error().message);
      return {};
    }
    if (folder_.is_hidden_here(name)) {
      report.refused.push_back(name + ": what is hidden is not shared; rename it to offer it");
      return {};
    }
    if (!folder_.is_folder(name)) {
      found.push_back(name);
      return {};
    }
  }
  const Result<LocalFolder::Listing> listing = folder_.list(name);
  if (!listing) return listing.error();
  found.insert(found.end(), listing->names.begin(), listing->names.end());
  for (const std::string& refused : listing->refused)
    report.refused.push_back(refused + " is a name that cannot be shared");
  return {};
}

Status Indexer::hash_all(const std::vector<std::string>& names, bool typed, const Watch& watch,
                         const Cancellation& cancellation, Report& report) const {
  for (const std::string& name : names) {
    const Progress progress = [&](std::uint64_t done, std::uint64_t total) {
      if (watch) watch(name, done, total);
    };
    const Result<Content> content = folder_.content_of(name, progress, cancellation);
    if (content) {
      report.files.push_back({name, *content});
    } else if (content.error().code == Code::kNotFound && typed) {
      report.files.push_back({name, std::nullopt});
      report.placeholders.push_back(name);
    } else if (content.error().code == Code::kCancelled) {
      return content.error();
    } else {
      report.refused.push_back(name + ": " + content.error().message);
    }
  }
  return {};
}

}  // namespace trueque
