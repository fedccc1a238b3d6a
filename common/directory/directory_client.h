// The seam to a directory, as peers and clients see it. Every call blocks until
// the directory has answered, fails with the directory's own Error, or with
// kUnavailable when it cannot be reached. Calls may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

struct Credentials {
  std::string username;
  std::string password;
};

class DirectoryClient {
 public:
  virtual ~DirectoryClient() = default;

  // `token` below is the one log_in gave; empty with an original directory.
  virtual Result<LoginReply> log_in(const Credentials& credentials, const std::string& peer_ip,
                                    std::uint16_t peer_port) = 0;
  virtual Status log_out(const std::string& token, const PeerKey& peer) = 0;
  // The number of files the peer has afterwards, where the directory tells it.
  virtual Result<std::optional<std::uint64_t>> index_files(const std::string& token,
                                                           const PeerKey& peer,
                                                           std::span<const SharedFile> files,
                                                           IndexMode mode) = 0;
  // kNotFound when nobody shares it.
  virtual Result<std::vector<FileSource>> find_by_name(const std::string& token,
                                                       const std::string& file_name,
                                                       std::uint32_t limit) = 0;
  virtual Result<std::vector<FileSource>> find_by_content(const std::string& token,
                                                          const ContentId& content,
                                                          std::uint32_t limit) = 0;
  // In names' order; an empty page where there is none. kUnimplemented from a directory
  // that has no such request.
  virtual Result<FoundPage> find_files(const std::string& token, const FileQuery& query) = 0;
  // Says that the peer fetches the content and serves the pieces it has, and asks who
  // else does. Forgotten unless said again. kUnimplemented as above.
  virtual Result<SwarmReply> join_swarm(const std::string& token, const PeerKey& peer,
                                        const Content& content) = 0;
  virtual Status leave_swarm(const std::string& token, const PeerKey& peer,
                             const Content& content) = 0;
  virtual Result<HeartbeatReply> heartbeat(const std::string& token, const PeerKey& peer) = 0;
  virtual Result<SearchPage> search(const std::string& token, const std::string& words,
                                    std::uint32_t limit, const std::string& cursor) = 0;
  virtual Result<std::vector<PeerSummary>> peers(const std::string& token) = 0;
};

}  // namespace trueque
