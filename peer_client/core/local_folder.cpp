#include "peer_client/core/local_folder.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "common/base/file_name.h"
#include "common/base/files.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

// The place a name leads to, when that is a regular file within the folder.
Result<std::string> resolve(const std::string& folder, const std::string& name) {
  const Error missing = make_error(Code::kNotFound, "no file " + name + " in " + folder);
  if (!validate_file_name(name) || is_hidden(name)) return missing;
  std::error_code failure;
  const fs::path root = fs::canonical(folder, failure);
  if (failure) return system_error("open", folder, failure.value());
  const fs::path path = fs::canonical(root / name, failure);
  if (failure || !is_below(path, root) || !fs::is_regular_file(path, failure)) return missing;
  return path.string();
}

}  // namespace

Result<LocalFolder::Listing> LocalFolder::list(const std::string& folder) const {
  Listing listing;
  std::error_code failure;
  const fs::path start = folder.empty() ? fs::path(path_) : fs::path(path_) / folder;
  fs::recursive_directory_iterator entry(start, fs::directory_options::skip_permission_denied,
                                         failure);
  if (failure) return system_error("read", start.string(), failure.value());
  for (; entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with('.')) {
      if (entry->is_directory(ignored)) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file(ignored)) continue;
    const std::string name = entry->path().lexically_relative(path_).generic_string();
    if (!validate_file_name(name)) {
      listing.refused.push_back(name);
    } else if (!entry->is_symlink(ignored) || resolve(path_, name)) {
      listing.names.push_back(name);
    }
  }
  if (failure) return system_error("read", start.string(), failure.value());
  std::sort(listing.names.begin(), listing.names.end());
  return listing;
}

bool LocalFolder::is_folder(const std::string& name) const {
  std::error_code ignored;
  return configured() && validate_file_name(name) && !is_hidden(name) &&
         fs::is_directory(fs::symlink_status(fs::path(path_) / name, ignored));
}

Result<Content> LocalFolder::content_of(const std::string& name, const Progress& progress,
                                        const Cancellation& cancellation) const {
  if (!configured()) return make_error(Code::kNotFound, "no shared folder is configured");
  const Result<std::string> path = resolve(path_, name);
  if (!path) return path.error();
  return hash_file(*path, progress, cancellation);
}

}  // namespace trueque
