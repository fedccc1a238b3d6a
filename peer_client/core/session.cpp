#include "peer_client/core/session.h"

namespace trueque {
namespace {

constexpr std::uint32_t kMaxSources = 1000;
// A directory takes 10,000 files and 8 MiB a request; names are at most 1 KiB.
constexpr std::size_t kFilesPerRequest = 5000;
constexpr std::size_t kNameBytesPerRequest = 2 * 1024 * 1024;

// How many of `files` fit into one request; at least one where there is one.
std::size_t batch_length(std::span<const SharedFile> files) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const SharedFile& file : files) {
    bytes += file.name.size();
    if (count == kFilesPerRequest || (count > 0 && bytes > kNameBytesPerRequest)) break;
    ++count;
  }
  return count;
}

// An original directory takes plain names only.
std::vector<SharedFile> names_only(std::span<const SharedFile> files) {
  std::vector<SharedFile> names;
  names.reserve(files.size());
  for (const SharedFile& file : files) names.push_back({file.name, std::nullopt});
  return names;
}

Error not_in_the_original(const std::string& what) {
  return make_error(Code::kUnimplemented,
                    "this directory has no " + what +
                        ": it is the original's; get a file by its exact name instead");
}

}  // namespace

void Session::resume(Login login) {
  const std::lock_guard lock(mutex_);
  login_ = std::move(login);
}

void Session::forget() {
  const std::lock_guard lock(mutex_);
  login_.reset();
}

std::optional<Login> Session::login() const {
  const std::lock_guard lock(mutex_);
  return login_;
}

Result<Login> Session::require_login() const {
  std::optional<Login> login = this->login();
  if (!login) return make_error(Code::kUnauthenticated, "Login required first!");
  return std::move(*login);
}

Result<Login> Session::log_in(const Credentials& credentials, const std::string& peer_ip,
                              std::uint16_t peer_port) {
  Result<LoginReply> reply = directory_.log_in(credentials, peer_ip, peer_port);
  if (!reply) return reply.error();
  Login login{std::move(reply->peer), std::move(reply->token), reply->terms};
  resume(login);
  return login;
}

Status Session::log_out() {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  Status status = directory_.log_out(login->token, login->peer);
  if (status || status.error().code == Code::kUnauthenticated ||
      status.error().code == Code::kNotFound) {
    forget();
  }
  return status;
}

Result<std::optional<std::uint64_t>> Session::index_files(std::span<const SharedFile> files,
                                                          IndexMode mode) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  std::vector<SharedFile> names;
  if (login->original_directory()) {
    names = names_only(files);
    files = names;
  }
  std::optional<std::uint64_t> indexed;
  do {
    const std::size_t count = batch_length(files);
    const auto batch = files.first(count);
    auto answer = directory_.index_files(login->token, login->peer, batch, mode);
    if (!answer) return answer.error();
    indexed = *answer;
    files = files.subspan(count);
  } while (!files.empty());
  return indexed;
}

Result<std::vector<FileSource>> Session::find_by_name(const std::string& file_name) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  return directory_.find_by_name(login->token, file_name, kMaxSources);
}

Result<std::vector<FileSource>> Session::find_by_content(const ContentId& content) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  return directory_.find_by_content(login->token, content, kMaxSources);
}

Status Session::find_files(FileQuery query,
                           const std::function<bool(std::vector<FoundFile>)>& take) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  if (login->original_directory()) return not_in_the_original("request for many files");
  while (true) {
    Result<FoundPage> page = directory_.find_files(login->token, query);
    if (!page) return page.error();
    if (!take(std::move(page->files)) || !page->next) return {};
    query.cursor = std::move(*page->next);
  }
}

Result<SwarmReply> Session::join_swarm(const Content& content) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  if (login->original_directory()) return not_in_the_original("list of downloads");
  return directory_.join_swarm(login->token, login->peer, content);
}

Status Session::leave_swarm(const Content& content) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  if (login->original_directory()) return {};
  return directory_.leave_swarm(login->token, login->peer, content);
}

Result<SearchPage> Session::search(const std::string& words, std::uint32_t limit,
                                   const std::string& cursor) {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  if (login->original_directory()) return not_in_the_original("search");
  return directory_.search(login->token, words, limit, cursor);
}

Result<std::vector<PeerSummary>> Session::peers() {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  if (login->original_directory()) return not_in_the_original("list of peers");
  return directory_.peers(login->token);
}

Result<LeaseTerms> Session::heartbeat() {
  const Result<Login> login = require_login();
  if (!login) return login.error();
  const Result<HeartbeatReply> reply = directory_.heartbeat(login->token, login->peer);
  return reply ? Result<LeaseTerms>(reply->terms) : reply.error();
}

}  // namespace trueque
