#include "peer_server/core/shared_folder.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/file_name.h"

namespace trueque {
namespace {

unsigned thread_count(const FolderOptions& options) {
  if (options.hash_threads > 0) return options.hash_threads;
  return std::clamp(std::thread::hardware_concurrency(), 1U, 32U);
}

}  // namespace

Result<std::unique_ptr<SharedFolder>> SharedFolder::open(FolderOptions options, const Log& log,
                                                         Listener listener) {
  Result<FolderRoot> root = FolderRoot::open(options.path);
  if (!root) return root.error();
  return std::unique_ptr<SharedFolder>(
      new SharedFolder(std::move(*root), std::move(options), log, std::move(listener)));
}

SharedFolder::SharedFolder(FolderRoot root, FolderOptions options, const Log& log,
                           Listener listener)
    : root_(std::move(root)),
      options_(std::move(options)),
      log_(log),
      listener_(std::move(listener)),
      partial_(root_, clock_),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      cache_(options_.cache_directory, root_.path(), log),
      watcher_(root_.path()),
      workers_(root_, pace_, thread_count(options_), [this] { wake(); }),
      thread_([this] { run(); }) {}

SharedFolder::~SharedFolder() {
  stop_ = true;
  wake();
  thread_.join();
  workers_.stop();
  keep_unfinished();
}

void SharedFolder::wake() const {
  const std::uint64_t one = 1;
  // Full means that the thread is being woken already.
  (void)!::write(wake_.get(), &one, sizeof one);
}

Error SharedFolder::not_scanned_yet() const {
  Error error = make_error(Code::kUnavailable, "the shared folder is still being scanned");
  error.retry_after = std::chrono::milliseconds(500);
  return error;
}

Result<FileDetails> SharedFolder::find_by_name(std::string_view name) const {
  std::unique_lock lock(mutex_);
  const Result<FolderIndex::NamedFile> file = index_.find_shared(name);
  if (file) return with_pieces(*file, lock);
  if (!scanned_ && file.error().code == Code::kNotFound) return not_scanned_yet();
  return file.error();
}

Result<FileDetails> SharedFolder::find_by_content(const ContentId& id) {
  Result<FileDetails> whole = find_whole(id);
  if (whole) return whole;
  Result<PartialDetails> part = partial_.find(id);
  if (!part) return part.error().code == Code::kNotFound ? whole.error() : part.error();
  FileDetails details{std::move(part->name), {part->size, id}, std::move(part->hashes), {}};
  const std::vector<bool>& held = part->held;
  if (std::find(held.begin(), held.end(), false) != held.end()) details.held = held;
  return details;
}

Result<FileDetails> SharedFolder::find_whole(const ContentId& id) const {
  std::unique_lock lock(mutex_);
  const auto files = index_.find_content(id);
  if (files) return with_pieces(files->front(), lock);
  if (!caught_up_ && files.error().code == Code::kNotFound) return not_scanned_yet();
  return files.error();
}

// Lets go of the lock to read.
Result<FileDetails> SharedFolder::with_pieces(const FolderIndex::NamedFile& file,
                                              std::unique_lock<std::mutex>& lock) const {
  const KnownHash hash = file.second.hash;
  FileDetails details{file.first, {file.second.stamp.size, hash.id}, {}, {}};
  lock.unlock();
  if (details.content.size == 0) return details;
  if (hash.pieces.count == 0) {
    details.pieces = {hash.id.bytes};
    return details;
  }
  Result<std::vector<Sha256>> pieces = cache_.read_pieces(hash.pieces);
  if (!pieces) return pieces.error();
  details.pieces = std::move(*pieces);
  return details;
}

Status SharedFolder::contains(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  if (index_.find(name)) return {};
  const auto shared = index_.find_shared(name);
  if (shared || shared.error().code != Code::kNotFound) return {};
  return scanned_ ? Status(shared.error()) : Status(not_scanned_yet());
}

Result<std::vector<std::pair<std::string, FileStamp>>> SharedFolder::names_of(
    const ContentId& id) const {
  const std::lock_guard lock(mutex_);
  const auto files = index_.find_content(id);
  if (!files) {
    const bool unknown = !caught_up_ && files.error().code == Code::kNotFound;
    return unknown ? not_scanned_yet() : files.error();
  }
  std::vector<std::pair<std::string, FileStamp>> names;
  for (const auto& [name, file] : *files) names.emplace_back(name, file.stamp);
  return names;
}

Result<OpenFile> SharedFolder::open_content(const ContentId& id) {
  const auto names = names_of(id);
  if (!names) return names.error();
  Error failure;
  for (const auto& [name, stamp] : *names) {
    Result<UniqueFd> fd = root_.open_file(name);
    Result<OpenFile> file = fd ? OpenFile::adopt(std::move(*fd), name, stamp) : fd.error();
    if (file) return file;
    failure = file.error();
    const std::lock_guard lock(mutex_);
    suspects_.insert(name);
  }
  wake();
  // It was there when it was hashed, so whatever happened to it is a change.
  if (failure.code == Code::kNotFound || failure.code == Code::kPermissionDenied)
    failure.code = Code::kFailedPrecondition;
  return failure;
}

std::vector<SharedFile> SharedFolder::page(std::size_t& from, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  return index_.page(from, limit);
}

FolderSummary SharedFolder::summary() const {
  const std::lock_guard lock(mutex_);
  return {index_.shared(), index_.digest(), caught_up_ && !telling_ && !index_.has_changes()};
}

bool SharedFolder::wait_until_settled(std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return settled_changed_.wait_for(lock, limit, [this] { return settled_; });
}

}  // namespace trueque
