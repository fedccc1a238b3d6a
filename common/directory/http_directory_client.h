// A DirectoryClient over REST, for main-server and for the original directory.
// One connection a call, so calls may come from any thread and never wait for
// one another. A call takes at most the connect timeout plus the answer timeout.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/directory/directory_client.h"

namespace trueque {

struct DirectoryEndpoint {
  std::string host;  // IPv4, IPv6 without brackets, or host name
  std::uint16_t port = 5000;
};

// "http://host:port", IPv6 in brackets, 80 when the port is left out.
// kInvalidArgument says what is wrong.
Result<DirectoryEndpoint> parse_directory_url(std::string_view url);

struct DirectoryTimeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds login{30'000};  // passwords are slow to check, on purpose
  std::chrono::milliseconds answer{15'000};
};

inline constexpr std::size_t kMaxDirectoryAnswer = 64UL * 1024 * 1024;  // bytes

class HttpDirectoryClient final : public DirectoryClient {
 public:
  explicit HttpDirectoryClient(DirectoryEndpoint endpoint, DirectoryTimeouts timeouts = {});

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
  Result<LeaseTerms> heartbeat(const std::string& token, const PeerKey& peer) override;
  Result<SearchPage> search(const std::string& token, const std::string& words, std::uint32_t limit,
                            const std::string& cursor) override;
  Result<std::vector<PeerSummary>> peers(const std::string& token) override;

 private:
  DirectoryEndpoint endpoint_;
  DirectoryTimeouts timeouts_;
};

}  // namespace trueque
