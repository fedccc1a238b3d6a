// A directory in memory, as a DirectoryClient sees it: enough of the rules to test
// what stands on top. Safe from any thread. `fail_with` makes every call fail.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/directory/directory_client.h"

namespace trueque::testing {

class FakeDirectoryClient : public DirectoryClient {
 public:
  // Until reset with nothing, every call gives this error.
  void fail_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(error);
  }
  void set_terms(LeaseTerms terms) {
    const std::lock_guard lock(mutex_);
    terms_ = terms;
  }
  // What a restarted directory without its sessions looks like.
  void forget_sessions() {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
  }
  // And where the leases ran out as well.
  void forget_peers() {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
    files_.clear();
  }
  // As a directory that does not say what it has.
  void tell_nothing_of_files() {
    const std::lock_guard lock(mutex_);
    tells_of_files_ = false;
  }
  // Changes a peer's files behind its back.
  void lose(const PeerKey& peer, const std::string& name) {
    const std::lock_guard lock(mutex_);
    files_[peer].erase(name);
  }
  // A file of another peer, without a login.
  void add(const PeerKey& peer, const SharedFile& file) {
    const std::lock_guard lock(mutex_);
    files_[peer][file.name] = file;
  }
  std::vector<SharedFile> files_of(const PeerKey& peer) const {
    const std::lock_guard lock(mutex_);
    std::vector<SharedFile> files;
    if (const auto found = files_.find(peer); found != files_.end()) {
      for (const auto& [name, file] : found->second) files.push_back(file);
    }
    return files;
  }
  bool knows(const PeerKey& peer) const {
    const std::lock_guard lock(mutex_);
    return files_.contains(peer);
  }
  int logins() const {
    const std::lock_guard lock(mutex_);
    return logins_;
  }
  int heartbeats() const {
    const std::lock_guard lock(mutex_);
    return heartbeats_;
  }

  Result<LoginReply> log_in(const Credentials& credentials, const std::string& peer_ip,
                            std::uint16_t peer_port) override {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    Result<std::string> host = canonical_host(peer_ip);
    if (!host) return make_error(Code::kInvalidArgument, "'peer_ip' is not an address.");
    const auto [account, is_new] = passwords_.emplace(credentials.username, credentials.password);
    if (!is_new && account->second != credentials.password)
      return make_error(Code::kUnauthenticated, "Wrong password.");
    const PeerKey peer{credentials.username, *host, peer_port};
    std::string token = "token-" + std::to_string(++logins_);
    sessions_[token] = peer;
    files_[peer];
    return LoginReply{peer, std::move(token), terms_, summary_of(peer)};
  }

  Status log_out(const std::string& token, const PeerKey& peer) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, &peer); !session) return session;
    sessions_.erase(token);
    const bool last = std::none_of(sessions_.begin(), sessions_.end(),
                                   [&](const auto& each) { return each.second == peer; });
    if (!last) return {};
    files_.erase(peer);
    for (auto& [content, swarm] : swarms_) swarm.erase(peer);
    return {};
  }

  Result<std::optional<std::uint64_t>> index_files(const std::string& token, const PeerKey& peer,
                                                   std::span<const SharedFile> files,
                                                   IndexMode mode) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, &peer); !session) return session.error();
    for (const SharedFile& file : files) {
      if (Status name = validate_file_name(file.name); !name) return name.error();
    }
    auto& own = files_[peer];
    if (mode == IndexMode::kReplace) own.clear();
    for (const SharedFile& file : files) {
      if (mode == IndexMode::kRemove) {
        own.erase(file.name);
      } else {
        own[file.name] = file;
      }
    }
    return std::optional<std::uint64_t>(own.size());
  }

  Result<std::vector<FileSource>> find_by_name(const std::string& token,
                                               const std::string& file_name,
                                               std::uint32_t limit) override {
    const bool whole = file_name.find('/') != std::string::npos;
    return find(token, limit, [&](const SharedFile& file) {
      return file.name == file_name || (!whole && last_component(file.name) == file_name);
    });
  }

  Result<std::vector<FileSource>> find_by_content(const std::string& token,
                                                  const ContentId& content,
                                                  std::uint32_t limit) override {
    return find(token, limit, [&](const SharedFile& file) {
      return file.content && file.content->id == content;
    });
  }

  // The cursor is the last name of the page before.
  Result<FoundPage> find_files(const std::string& token, const FileQuery& query) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, nullptr); !session) return session.error();
    if (Status asked = validate(query); !asked) return asked.error();
    std::map<std::pair<std::string, std::optional<Content>>, std::vector<PeerKey>> found;
    for (const auto& [peer, files] : files_) {
      for (const auto& [name, file] : files) {
        if (picks(query, peer, file)) found[{name, file.content}].push_back(peer);
      }
    }
    FoundPage page;
    for (auto& [key, sources] : found) {
      if (!query.cursor.empty() && key.first <= query.cursor) continue;
      if (page.files.size() >= query.limit && key.first != page.files.back().file.name) {
        page.next = page.files.back().file.name;
        break;
      }
      page.files.push_back({{key.first, key.second}, std::move(sources)});
    }
    return page;
  }

  Result<SwarmReply> join_swarm(const std::string& token, const PeerKey& peer,
                                const Content& content) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, &peer); !session) return session.error();
    std::set<PeerKey>& swarm = swarms_[content.id];
    swarm.insert(peer);
    SwarmReply reply;
    std::copy_if(swarm.begin(), swarm.end(), std::back_inserter(reply.peers),
                 [&](const PeerKey& each) { return each != peer; });
    return reply;
  }

  Status leave_swarm(const std::string& token, const PeerKey& peer,
                     const Content& content) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, &peer); !session) return session;
    swarms_[content.id].erase(peer);
    return {};
  }

  Result<HeartbeatReply> heartbeat(const std::string& token, const PeerKey& peer) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, &peer); !session) return session.error();
    ++heartbeats_;
    return HeartbeatReply{terms_, summary_of(peer)};
  }

  // Names holding `words` as one substring, by name; the cursor is the last name.
  Result<SearchPage> search(const std::string& token, const std::string& words, std::uint32_t limit,
                            const std::string& cursor) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, nullptr); !session) return session.error();
    if (words.empty()) return make_error(Code::kInvalidArgument, "'q' is empty.");
    std::map<std::string, SearchHit> hits;
    for (const auto& [peer, files] : files_) {
      for (const auto& [name, file] : files) {
        if (search_fold(name).find(search_fold(words)) == std::string::npos) continue;
        SearchHit& hit = hits.emplace(name, SearchHit{file, 0}).first->second;
        ++hit.sources;
      }
    }
    SearchPage page;
    for (const auto& [name, hit] : hits) {
      if (!cursor.empty() && name <= cursor) continue;
      if (page.files.size() == limit) {
        page.next = page.files.back().file.name;
        break;
      }
      page.files.push_back(hit);
    }
    return page;
  }

  Result<std::vector<PeerSummary>> peers(const std::string& token) override {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, nullptr); !session) return session.error();
    std::vector<PeerSummary> summaries;
    for (const auto& [peer, files] : files_)
      summaries.push_back({peer, files.size(), std::chrono::seconds(0)});
    return summaries;
  }

 private:
  static bool names_it(const std::string& wanted, const std::string& name) {
    return wanted == name ||
           (wanted.find('/') == std::string::npos && last_component(name) == wanted);
  }

  static Status validate(const FileQuery& query) {
    if (query.names.empty() && query.content_ids.empty() && query.folder.empty() &&
        query.pattern.empty() && query.peer_name.empty())
      return make_error(Code::kInvalidArgument, "'names' is missing.");
    if (query.pattern.empty()) return {};
    const Result<Glob> pattern = Glob::parse(query.pattern);
    return pattern ? Status() : Status(pattern.error());
  }

  static bool picks(const FileQuery& query, const PeerKey& peer, const SharedFile& file) {
    if (!query.peer_name.empty() && query.peer_name != peer.username) return false;
    if (!query.folder.empty() && !file.name.starts_with(query.folder + "/")) return false;
    if (!query.pattern.empty()) {
      std::uint64_t steps = 0;
      if (!Glob::parse(query.pattern)->matches_name(file.name, steps)) return false;
    }
    if (query.names.empty() && query.content_ids.empty()) return true;
    return std::any_of(query.names.begin(), query.names.end(),
                       [&](const std::string& each) { return names_it(each, file.name); }) ||
           (file.content && std::find(query.content_ids.begin(), query.content_ids.end(),
                                      file.content->id) != query.content_ids.end());
  }

  // Callers hold mutex_.
  std::optional<FilesSummary> summary_of(const PeerKey& peer) {
    if (!tells_of_files_) return std::nullopt;
    FilesSummary summary{files_[peer].size(), ++revision_, {}};
    for (const auto& [name, file] : files_[peer]) summary.digest.toggle(name, file.content);
    return summary;
  }

  // Callers hold mutex_.
  Status check(const std::string& token, const PeerKey* peer) const {
    if (failure_) return *failure_;
    const auto session = sessions_.find(token);
    if (session == sessions_.end())
      return make_error(Code::kUnauthenticated, "Not logged in; log in first.");
    if (peer != nullptr && session->second != *peer)
      return make_error(Code::kPermissionDenied, "This session belongs to another peer.");
    return {};
  }

  template <typename Matches>
  Result<std::vector<FileSource>> find(const std::string& token, std::uint32_t limit,
                                       Matches matches) const {
    const std::lock_guard lock(mutex_);
    if (Status session = check(token, nullptr); !session) return session.error();
    std::vector<FileSource> sources;
    for (const auto& [peer, files] : files_) {
      for (const auto& [name, file] : files) {
        if (!matches(file) || sources.size() == limit) continue;
        sources.push_back({peer.username, peer.ip, peer.port, file,
                           "http://" + host_in_url(peer.ip) + "/download/" +
                               percent_encode_path(peer.username + "/" + name)});
      }
    }
    if (sources.empty()) return make_error(Code::kNotFound, "File not found.");
    return sources;
  }

  mutable std::mutex mutex_;  // guards everything below
  std::optional<Error> failure_;
  LeaseTerms terms_;
  std::map<std::string, std::string> passwords_;
  std::map<std::string, PeerKey> sessions_;
  std::map<PeerKey, std::map<std::string, SharedFile>> files_;
  std::map<ContentId, std::set<PeerKey>> swarms_;
  int logins_ = 0;
  int heartbeats_ = 0;
  std::uint64_t revision_ = 0;
  bool tells_of_files_ = true;
};

}  // namespace trueque::testing
