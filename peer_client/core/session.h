// A peer's login at one directory: who it is and the token it speaks with.
// Every request a peer makes as itself goes through here, so that what differs
// for an original directory (no token, plain names, no lease) is decided once.
// Safe from any thread; no lock is held while the directory is asked.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "common/directory/directory_client.h"

namespace trueque {

// What a session file keeps.
struct Login {
  PeerKey peer;
  std::string token;  // empty from an original directory
  LeaseTerms terms;

  bool original_directory() const { return token.empty(); }
};

class Session {
 public:
  explicit Session(DirectoryClient& directory) : directory_(directory) {}

  // Takes up a login made earlier.
  void resume(Login login);
  // Logged out here, whatever the directory thinks.
  void forget();
  std::optional<Login> login() const;
  // kUnauthenticated "Login required first!" without one.
  Result<Login> require_login() const;

  Result<Login> log_in(const Credentials& credentials, const std::string& peer_ip,
                       std::uint16_t peer_port);
  // Also forgets a login the directory no longer knows, and returns its error then.
  Status log_out();

  // In as many requests as the directory's limits need. The number of files the
  // peer has afterwards, where the directory tells it.
  Result<std::optional<std::uint64_t>> index_files(std::span<const SharedFile> files,
                                                   IndexMode mode);
  Result<std::vector<FileSource>> find_by_name(const std::string& file_name);
  Result<std::vector<FileSource>> find_by_content(const ContentId& content);
  // Hands over each page of what `query` picks, until there is no other or `take` says
  // false. kUnimplemented with a directory that has no such request.
  Status find_files(FileQuery query, const std::function<bool(std::vector<FoundFile>)>& take);
  // Says that we fetch the content and serve what we have of it: who else does.
  // kUnimplemented with a directory that knows no downloads.
  Result<SwarmReply> join_swarm(const Content& content);
  Status leave_swarm(const Content& content);
  // search and peers: kUnimplemented with an original directory, which has neither.
  Result<SearchPage> search(const std::string& words, std::uint32_t limit,
                            const std::string& cursor);
  Result<std::vector<PeerSummary>> peers();
  // Extends the lease; kUnauthenticated or kNotFound when it is gone.
  Result<LeaseTerms> heartbeat();

 private:
  DirectoryClient& directory_;
  mutable std::mutex mutex_;
  std::optional<Login> login_;  // guarded by mutex_
};

}  // namespace trueque
