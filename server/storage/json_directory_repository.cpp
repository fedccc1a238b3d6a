#include "server/storage/json_directory_repository.h"

#include <sys/stat.h>

#include <exception>
#include <mutex>

namespace trueque {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0600;
constexpr std::chrono::seconds kRetryAfter{5};

Error unavailable(const std::string& reason) {
  return Error{Code::kUnavailable,
               "The change could not be saved: " + reason + ". Try again in a few seconds.",
               kRetryAfter};
}

Error damaged(const std::string& path, const Error& error) {
  return make_error(error.code, path + ": " + error.message +
                                    "; nothing was changed, repair the file or put it aside");
}

// Nothing when the file is missing.
Result<std::optional<std::string>> read_if_there(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (text.ok()) return std::optional<std::string>(*std::move(text));
  if (text.error().code == Code::kNotFound) return std::optional<std::string>();
  return text.error();
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// `path`, or `path`.1 and so on: the first that does not exist yet.
std::string unused_path(const std::string& path) {
  std::string candidate = path;
  for (int i = 1; exists(candidate); ++i) candidate = path + "." + std::to_string(i);
  return candidate;
}

}  // namespace

Result<std::unique_ptr<JsonDirectoryRepository>> JsonDirectoryRepository::open(
    const std::string& path, const Clock& clock, FileWriter writer) {
  Result<StatePaths> paths = state_paths(path);
  if (!paths.ok()) return paths.error();
  Result<FileLock> lock = FileLock::try_lock(paths->lock, paths->state);
  if (!lock.ok()) return lock.error();
  auto repository = std::make_unique<JsonDirectoryRepository>(Private(), *paths, *std::move(lock),
                                                              std::move(writer));
  if (Status status = repository->load(clock); !status) return status.error();
  repository->writer_ = std::thread([raw = repository.get()] { raw->run(); });
  return repository;
}

JsonDirectoryRepository::JsonDirectoryRepository(Private /*key*/, StatePaths paths, FileLock lock,
                                                 FileWriter writer)
    : paths_(std::move(paths)), lock_(std::move(lock)), write_file_(std::move(writer)) {}

JsonDirectoryRepository::~JsonDirectoryRepository() { close(); }

void JsonDirectoryRepository::close() {
  {
    const std::unique_lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
}

Status JsonDirectoryRepository::load(const Clock& clock) {
  const auto text = read_if_there(paths_.state);
  if (!text.ok()) return text.error();
  if (!*text) return load_sessions();
  Result<LoadedState> state = read_state(**text);
  if (!state.ok()) return damaged(paths_.state, state.error());
  for (const LoadedPeer& peer : state->peers) {
    tables_.restore_peer(peer.key, clock.steady());
    Change ignored;
    const auto added = tables_.add_files(peer.key, peer.files, ignored);
    if (!added.ok()) return added.error();
  }
  warnings_ = std::move(state->warnings);
  if (Status status = load_sessions(); !status) return status;
  return state->from_original ? upgrade(**text) : Status();
}

// Sessions and leases of peers that are not in the state file go: the last crash
// was between the two files.
Status JsonDirectoryRepository::load_sessions() {
  const auto text = read_if_there(paths_.sessions);
  if (!text.ok()) return text.error();
  if (!*text) return {};
  const Result<SessionDocument> document = read_sessions(**text);
  if (!document.ok()) return damaged(paths_.sessions, document.error());
  for (const Session& session : document->sessions) tables_.restore_session(session);
  for (const PeerKey& peer : document->leases) tables_.restore_lease(peer);
  return {};
}

Status JsonDirectoryRepository::upgrade(const std::string& original_text) {
  const Result<std::string> kept = read_file(paths_.original);
  if (!kept.ok() || *kept != original_text) {
    const std::string copy = unused_path(paths_.original);
    if (Status status = write_file_(copy, original_text, kPublic); !status) return status;
  }
  return write_file_(paths_.state, write_state(tables_), kPublic);
}

Status JsonDirectoryRepository::make_durable(std::unique_lock<TurnTakingMutex> lock,
                                             Change change) {
  if (closing_) {
    for (auto undo = change.undo.rbegin(); undo != change.undo.rend(); ++undo) (*undo)();
    return unavailable("the directory is shutting down");
  }
  if (change.empty() && pending_.empty() && !writing_) return {};
  Pending& pending = pending_.emplace_back();
  pending.change = std::move(change);
  std::future<Status> done = pending.done.get_future();
  lock.unlock();
  wake_.notify_one();
  return done.get();
}

void JsonDirectoryRepository::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !pending_.empty(); });
      if (pending_.empty() && !unsure_) return;
      if (pending_.empty()) break;  // closing, with a file that may be behind
      writing_ = true;
    }
    write_waiting();
  }
  write_waiting();
}

void JsonDirectoryRepository::write_waiting() {
  std::vector<Pending> batch;
  Status status;
  // Memory may run out while a snapshot is taken; that must not end the thread.
  try {
    Snapshot snapshot;
    {
      const std::shared_lock lock(mutex_);
      batch.swap(pending_);
      snapshot = take_snapshot(batch);
    }
    status = save(snapshot);
  } catch (const std::exception& error) {
    status = make_error(Code::kInternal, error.what());
  }
  {
    const std::unique_lock lock(mutex_);
    writing_ = false;
    unsure_ = !status.ok();
    if (!status) take_back(batch);
  }
  for (Pending& each : batch) {
    each.done.set_value(status ? Status() : Status(not_saved(status.error())));
  }
}

Error JsonDirectoryRepository::not_saved(const Error& error) const {
  return unavailable(without_folder(error.message, paths_.state));
}

// Takes back `batch` and whatever was queued behind it, which then joins it.
void JsonDirectoryRepository::take_back(std::vector<Pending>& batch) {
  for (Pending& each : pending_) batch.push_back(std::move(each));
  pending_.clear();
  for (auto each = batch.rbegin(); each != batch.rend(); ++each) {
    auto& undo = each->change.undo;
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
  }
}

JsonDirectoryRepository::Snapshot JsonDirectoryRepository::take_snapshot(
    const std::vector<Pending>& batch) const {
  bool state = unsure_;
  bool sessions = unsure_;
  bool began = unsure_;
  SessionDocument ended;
  for (const Pending& each : batch) {
    const Change& change = each.change;
    state = state || change.state;
    sessions = sessions || change.sessions;
    began = began || change.began;
    ended.sessions.insert(ended.sessions.end(), change.ended.begin(), change.ended.end());
    ended.leases.insert(ended.leases.end(), change.ended_leases.begin(), change.ended_leases.end());
  }
  Snapshot snapshot;
  if (state) snapshot.state = write_state(tables_);
  if (!sessions) return snapshot;
  const SessionDocument now{tables_.all_sessions(), tables_.leased_peers()};
  if (state && began) {
    // What ended stays until the state file no longer has its peer.
    SessionDocument both = ended;
    both.sessions.insert(both.sessions.end(), now.sessions.begin(), now.sessions.end());
    both.leases.insert(both.leases.end(), now.leases.begin(), now.leases.end());
    snapshot.sessions_first = write_sessions(both);
  }
  if (!snapshot.sessions_first || !ended.sessions.empty()) {
    snapshot.sessions_last = write_sessions(now);
  }
  return snapshot;
}

Status JsonDirectoryRepository::save(const Snapshot& snapshot) {
  Status status;
  if (snapshot.sessions_first) {
    status = write_file_(paths_.sessions, *snapshot.sessions_first, kSecret);
  }
  if (status && snapshot.state) status = write_file_(paths_.state, *snapshot.state, kPublic);
  if (status && snapshot.sessions_last) {
    status = write_file_(paths_.sessions, *snapshot.sessions_last, kSecret);
  }
  return status;
}

}  // namespace trueque
