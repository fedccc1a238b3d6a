// A DirectoryClient over REST, for main-server and for the original directory.
// One connection a call, so calls may come from any thread and never wait for
// one another. A call takes at most the connect timeout plus the answer timeout of
// each directory it tries.
//
// Of several directories (replicas that share their state) it asks the one that
// answered last; when that one cannot be reached or takes nothing now, at once the next.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/directory/directory_client.h"
#include "common/directory/directory_endpoint.h"

namespace trueque {

struct DirectoryTimeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds login{30'000};  // passwords are slow to check, on purpose
  std::chrono::milliseconds answer{15'000};
};

class HttpDirectoryClient final : public DirectoryClient {
 public:
  explicit HttpDirectoryClient(DirectoryEndpoint endpoint, DirectoryTimeouts timeouts = {})
      : HttpDirectoryClient(std::vector{std::move(endpoint)}, timeouts) {}
  // At least one.
  explicit HttpDirectoryClient(std::vector<DirectoryEndpoint> endpoints,
                               DirectoryTimeouts timeouts = {});

  Result<LoginReply> log_in(const Credentials& credentials, const std::string& peer_ip,
                            std::uint16_t peer_port) override;
  Status log_out(const std::string& token, const PeerKey& peer) override;
  Result<std::optional<std::uint64_t>> index_files(const std::string& token, const PeerKey& peer,
                                                   std::span<const SharedFile> files,
                                                   IndexMode mode) override;
  Result<std::vector<FileSource>> find_by_name(const std::string& token,
                                               const std::string& file_name,
                                               std::uint32_t limit) override;
  Result<std::vector<FileSource>> find_by_content(const std::string& token,
                                                  const ContentId& content,
                                                  std::uint32_t limit) override;
  Result<FoundPage> find_files(const std::string& token, const FileQuery& query) override;
  Result<SwarmReply> join_swarm(const std::string& token, const PeerKey& peer,
                                const Content& content) override;
  Status leave_swarm(const std::string& token, const PeerKey& peer,
                     const Content& content) override;
  Result<HeartbeatReply> heartbeat(const std::string& token, const PeerKey& peer) override;
  Result<SearchPage> search(const std::string& token, const std::string& words, std::uint32_t limit,
                            const std::string& cursor) override;
  Result<std::vector<PeerSummary>> peers(const std::string& token) override;

 private:
  const std::vector<DirectoryEndpoint> endpoints_;
  const DirectoryTimeouts timeouts_;
  std::atomic<std::size_t> good_ = 0;  // which of them answered last
};

}  // namespace trueque
