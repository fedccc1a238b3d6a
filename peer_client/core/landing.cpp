#include "peer_client/core/landing.h"

#include <filesystem>

#include "common/base/file_name.h"
#include "peer_client/core/file_hasher.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostNames = 1000;
// Each is a descriptor.
constexpr std::size_t kMostFoldersOpen = 64;

std::string parent_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// `path` within `folder`, both as they are on this machine; nothing when outside.
std::optional<std::string> within(const fs::path& path, const std::string& folder) {
  std::error_code failure;
  const fs::path root = fs::canonical(folder, failure);
  if (failure) return std::nullopt;
  const std::string relative = path.lexically_relative(root).generic_string();
  if (relative.empty() || relative == ".." || relative.starts_with("../")) return std::nullopt;
  return relative == "." ? std::string() : relative;
}

Error hidden(const std::string& name, const char* what_to_do) {
  return make_error(Code::kFailedPrecondition,
                    name + " is a hidden name, and a directory chose it; " + what_to_do);
}

}  // namespace

DownloadOutcome outcome_of(DownloadOutcome::Result result, const FileChoice& choice) {
  DownloadOutcome outcome;
  outcome.result = result;
  outcome.file_name = choice.file_name;
  if (choice.content) outcome.content = Content{choice.size, *choice.content};
  return outcome;
}

std::optional<std::string> Landing::Place::shared_name() const {
  if (!shared) return std::nullopt;
  return joined(*shared, name);
}

Result<Landing::Place> Landing::choose(const DownloadRequest& request, bool create) {
  const std::string& name = request.choice.file_name;
  if (request.output && request.keep_path) return place_in_tree(*request.output, name, create);
  if (request.output) return place_output(*request.output, name);
  if (is_hidden(name)) return hidden(name, "give --output to fetch it");
  if (shared_dir_.empty()) return place_below(".", name, false, create);
  return place_below(shared_dir_, name, true, create);
}

Result<Landing::Place> Landing::place_below(const std::string& root, const std::string& name,
                                            bool shared, bool create) {
  const std::string folder = parent_of(name);
  Result<std::shared_ptr<const TargetFolder>> target = open(root, folder, create);
  if (!target) return target.error();
  Place place{std::move(*target), std::string(last_component(name)), std::nullopt};
  if (shared) place.shared = folder;
  return place;
}

Result<Landing::Place> Landing::place_output(const std::string& output,
                                             const std::string& file_name) {
  std::error_code failure;
  const bool into_folder = fs::is_directory(output, failure);
  const fs::path named = fs::path(output);
  const std::string name =
      into_folder ? std::string(last_component(file_name)) : named.filename().string();
  const Result<Output> folder = resolve((into_folder ? named : named.parent_path()).string());
  if (!folder) return folder.error();
  if (name.empty())
    return make_error(Code::kInvalidArgument,
                      "--output " + output + " names no file; add a name to it");
  if (into_folder && is_hidden(name)) return hidden(name, "name the file in --output");
  const bool shared = folder->inside && !is_hidden(joined(*folder->inside, name));
  Result<Place> place = shared
                            ? place_below(shared_dir_, joined(*folder->inside, name), true, false)
                            : place_below(folder->real, name, false, false);
  if (place) place->exact = !into_folder;
  return place;
}

Result<Landing::Place> Landing::place_in_tree(const std::string& output,
                                              const std::string& file_name, bool create) {
  if (is_hidden(file_name)) return hidden(file_name, "get it alone, and name the file in --output");
  std::optional<Output> root;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = outputs_.find(output); known != outputs_.end()) root = known->second;
  }
  if (!root) {
    Result<Output> resolved = resolve(output);
    if (!resolved) return resolved.error();
    root = *resolved;
    const std::lock_guard lock(mutex_);
    outputs_.emplace(output, *root);
  }
  if (root->inside && !is_hidden(*root->inside))
    return place_below(shared_dir_, joined(*root->inside, file_name), true, create);
  return place_below(root->real, file_name, false, create);
}

Result<Landing::Output> Landing::resolve(const std::string& output) const {
  std::error_code failure;
  const fs::path real = fs::canonical(output.empty() ? fs::path(".") : fs::path(output), failure);
  if (failure) {
    return make_error(Code::kAborted,
                      "there is no folder " + output + "; make it first, or give another --output");
  }
  return Output{real.string(), within(real, shared_dir_)};
}

Result<std::shared_ptr<const TargetFolder>> Landing::open(const std::string& root,
                                                          const std::string& folder, bool create) {
  const std::string key = root + "/" + folder;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = open_.find(key); known != open_.end()) return known->second;
  }
  Result<TargetFolder> target = TargetFolder::open(root, folder, create);
  if (!target) return target.error();
  auto opened = std::make_shared<const TargetFolder>(std::move(*target));
  const std::lock_guard lock(mutex_);
  if (open_.size() >= kMostFoldersOpen) open_.clear();
  open_[key] = opened;
  return opened;
}

Result<std::optional<DownloadOutcome>> Landing::settle_name(
    const DownloadRequest& request, Place& place, const Cancellation& cancellation) const {
  const std::string wanted = place.name;
  for (unsigned number = 1; number <= kMostNames; ++number) {
    place.name = numbered_name(wanted, number);
    const Result<UniqueFd> file = place.folder->open_file(place.name);
    if (!file && file.error().code == Code::kNotFound) return std::optional<DownloadOutcome>();
    if (file) {
      const Result<Content> content = hash_file(file->get(), place.path(), nullptr, cancellation);
      if (cancellation.cancelled())
        return content ? make_error(Code::kCancelled, "interrupted") : content.error();
      if (content && content->id == *request.choice.content) {
        DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kAlready, request.choice);
        outcome.content = *content;
        outcome.path = place.path();
        outcome.shared_name = place.shared_name();
        return std::optional(std::move(outcome));
      }
    }
    if (place.exact) {
      return make_error(Code::kAlreadyExists,
                        "there is a different file " + place.path() + "; choose another --output");
    }
  }
  return make_error(Code::kAlreadyExists, "too many files here are called like " + wanted +
                                              "; move some, or give --output");
}

Result<std::optional<DownloadOutcome>> Landing::give_name(const DownloadRequest& request,
                                                          Place& place, const std::string& part,
                                                          const Cancellation& cancellation) const {
  while (true) {
    const Status placed = place.folder->give_name(part, place.name);
    if (placed) return std::optional<DownloadOutcome>();
    if (placed.error().code != Code::kAlreadyExists) return placed.error();
    // Taken while we were fetching: look again.
    Result<std::optional<DownloadOutcome>> held = settle_name(request, place, cancellation);
    if (!held || *held) return held;
  }
}

}  // namespace trueque
