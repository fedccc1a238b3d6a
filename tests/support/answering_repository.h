// A DirectoryRepository whose reads are expected to answer: each gives its value, so
// that a test reads as what it is about. One that fails ends the program, saying why.
#pragma once

#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "server/core/directory_repository.h"

namespace trueque::testing {

template <typename T>
T answer(Result<T> result) {
  if (!result.ok()) {
    std::cerr << "a read failed: " << result.error().message << std::endl;
    std::abort();
  }
  return *std::move(result);
}

class AnsweringRepository {
 public:
  explicit AnsweringRepository(DirectoryRepository& repository) : repository_(repository) {}

  Result<FilesSummary> open_session(const Session& session, Clock::Steady now,
                                    std::chrono::seconds lease) {
    return repository_.open_session(session, now, lease);
  }
  Status close_session(const TokenHash& token) { return repository_.close_session(token); }
  Status close_latest_session(const PeerKey& peer) {
    return repository_.close_latest_session(peer);
  }
  Result<std::uint64_t> add_files(const PeerKey& peer, std::span<const SharedFile> files) {
    return repository_.add_files(peer, files);
  }
  Result<std::uint64_t> replace_files(const PeerKey& peer, std::span<const SharedFile> files) {
    return repository_.replace_files(peer, files);
  }
  Result<std::uint64_t> remove_files(const PeerKey& peer, std::span<const std::string> names) {
    return repository_.remove_files(peer, names);
  }
  Result<FilesSummary> renew_lease(const PeerKey& peer, Clock::Steady now,
                                   std::chrono::seconds lease) {
    return repository_.renew_lease(peer, now, lease);
  }
  void touch(const PeerKey& peer, Clock::Steady now) { repository_.touch(peer, now); }
  void grant_full_leases(Clock::Steady now, std::chrono::seconds lease) {
    repository_.grant_full_leases(now, lease);
  }
  Result<std::vector<PeerKey>> expire(Clock::Steady now, Clock::Wall oldest_session) {
    return repository_.expire(now, oldest_session);
  }

  std::optional<Session> find_session(const TokenHash& token) const {
    return answer(repository_.find_session(token));
  }
  std::optional<PeerKey> latest_peer_at(const std::string& ip,
                                        std::optional<std::uint16_t> port) const {
    return answer(repository_.latest_peer_at(ip, port));
  }
  std::vector<Source> find_by_name(std::string_view name, std::uint32_t limit) const {
    return answer(repository_.find_by_name(name, limit));
  }
  std::vector<Source> find_by_content(const ContentId& id, std::uint32_t limit) const {
    return answer(repository_.find_by_content(id, limit));
  }
  std::vector<Source> find_many(std::span<const std::string> names, std::span<const ContentId> ids,
                                std::uint32_t limit) const {
    return answer(repository_.find_many(names, ids, limit));
  }
  std::vector<RankedHit> search(const SearchRequest& request) const {
    return answer(repository_.search(request));
  }
  FindResult find_files(const FindRequest& request) const {
    return answer(repository_.find_files(request));
  }
  bool has_peer(const PeerKey& peer) const { return answer(repository_.has_peer(peer)); }
  std::vector<PeerSummary> peers(Clock::Steady now) const { return answer(repository_.peers(now)); }
  RepositoryCounts counts() const { return answer(repository_.counts()); }

 private:
  DirectoryRepository& repository_;
};

}  // namespace trueque::testing
