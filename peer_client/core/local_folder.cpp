#include "peer_client/core/local_folder.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "common/base/file_name.h"
#include "common/base/files.h"
#include "common/content/part_name.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 100'000;

// Calls `visit` with each regular file below `start` that is not hidden, links to such
// included, until it gives false. Hidden files are shown to `visit_hidden`, whatever they are.
template <typename Visit, typename VisitHidden>
Status walk(const fs::path& start, Visit visit, VisitHidden visit_hidden) {
  std::error_code failure;
  fs::recursive_directory_iterator entry(start, fs::directory_options::skip_permission_denied,
                                         failure);
  if (failure) return system_error("read", start.string(), failure.value());
  for (; entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with('.')) {
      if (entry->is_directory(ignored)) {
        entry.disable_recursion_pending();
      } else {
        visit_hidden(*entry);
      }
      continue;
    }
    if (entry->is_regular_file(ignored) && !visit(*entry)) return {};
  }
  if (failure) return system_error("read", start.string(), failure.value());
  return {};
}

template <typename Visit>
Status walk(const fs::path& start, Visit visit) {
  return walk(start, visit, [](const fs::directory_entry&) {});
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

// False where a link stands on the way to `path`; nothing is said of its end.
bool is_reached_through_real_folders(const fs::path& path) {
  std::error_code failure;
  const fs::path parent = fs::canonical(path.parent_path(), failure);
  return !failure && parent == path.parent_path();
}

// The place a name leads to, when the peer-server beside this client shares it: a regular
// file in real folders, or a link there that ends at one within the folder that is not
// hidden. kNotFound when nothing is there, kPermissionDenied when it is not shared.
Result<std::string> resolve(const std::string& folder, const std::string& name) {
  const Error missing = make_error(Code::kNotFound, "no file " + name + " in " + folder);
  if (!validate_file_name(name) || is_hidden(name)) return missing;
  std::error_code failure;
  const fs::path root = fs::canonical(folder, failure);
  if (failure) return system_error("open", folder, failure.value());
  const fs::path path = fs::canonical(root / name, failure);
  if (failure) return missing;
  const auto not_shared = [](const char* why) { return make_error(Code::kPermissionDenied, why); };
  if (!is_reached_through_real_folders(root / name))
    return not_shared("what is behind a linked folder is not shared");
  if (!is_below(path, root)) return not_shared("a link that leads out of the folder is not shared");
  if (is_hidden(path.lexically_relative(root).generic_string()))
    return not_shared("a link to a hidden file is not shared");
  if (!fs::is_regular_file(path, failure)) return not_shared("only regular files are shared");
  return path.string();
}

}  // namespace

Result<LocalFolder::Listing> LocalFolder::list(const std::string& folder) const {
  Listing listing;
  const fs::path start = folder.empty() ? fs::path(path_) : fs::path(path_) / folder;
  const Status walked = walk(start, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    const std::string name = entry.path().lexically_relative(path_).generic_string();
    if (!validate_file_name(name)) {
      listing.refused.push_back(name);
    } else if (!entry.is_symlink(ignored) || resolve(path_, name)) {
      listing.names.push_back(name);
    }
    return true;
  });
  if (!walked) return walked.error();
  std::sort(listing.names.begin(), listing.names.end());
  return listing;
}

LocalFolder::Survey LocalFolder::survey() const {
  Survey survey;
  if (!configured()) return survey;
  bool all = true;
  const auto name_of = [this](const fs::directory_entry& entry) {
    return entry.path().lexically_relative(path_).generic_string();
  };
  const auto visit = [&](const fs::directory_entry& entry) {
    std::error_code failure;
    if (entry.is_symlink(failure)) return true;
    const std::uint64_t size = entry.file_size(failure);
    if (failure) return true;
    all = survey.names.size() < kMostFiles;
    if (all) survey.names.emplace(size, name_of(entry));
    return all;
  };
  const Status walked = walk(path_, visit, [&](const fs::directory_entry& entry) {
    if (read_part_name(entry.path().filename().string())) survey.parts.push_back(name_of(entry));
  });
  if (!walked || !all) survey.names.clear();
  return survey;
}

bool LocalFolder::is_folder(const std::string& name) const {
  std::error_code ignored;
  if (!configured() || !validate_file_name(name) || is_hidden(name)) return false;
  const fs::path path = fs::canonical(path_, ignored) / name;
  return fs::is_directory(fs::symlink_status(path, ignored)) &&
         is_reached_through_real_folders(path);
}

bool LocalFolder::is_hidden_here(const std::string& name) const {
  std::error_code ignored;
  return configured() && is_hidden(name) &&
         fs::exists(fs::symlink_status(fs::path(path_) / name, ignored));
}

Result<Content> LocalFolder::content_of(const std::string& name, const Progress& progress,
                                        const Cancellation& cancellation) const {
  if (!configured()) return make_error(Code::kNotFound, "no shared folder is configured");
  const Result<std::string> path = resolve(path_, name);
  if (!path) return path.error();
  return hash_file(*path, progress, cancellation);
}

}  // namespace trueque
