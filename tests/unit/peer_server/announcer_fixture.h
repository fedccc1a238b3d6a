// An Announcer that is stepped by hand, its folder in memory, and a directory that notes what
// it is asked.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "peer_server/core/announcer.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/manual_clock.h"

namespace trueque::testing {

// A directory whose calls are noted, some of them failing as told.
class RecordingDirectory final : public DirectoryClient {
 public:
  Result<LoginReply> log_in(const Credentials& credentials, const std::string& ip,
                            std::uint16_t port) override {
    calls.push_back("login");
    if (const auto failure = take_failure()) return *failure;
    Result<LoginReply> reply = inner.log_in(credentials, ip, port);
    if (reply && original) {
      reply->token.clear();
      reply->files.reset();
    }
    return reply;
  }
  Status log_out(const std::string& token, const PeerKey& peer) override {
    calls.push_back("logout");
    return inner.log_out(token, peer);
  }
  Result<std::optional<std::uint64_t>> index_files(const std::string& token, const PeerKey& peer,
                                                   std::span<const SharedFile> files,
                                                   IndexMode mode) override {
    const char* names[] = {"add", "replace", "remove"};
    calls.push_back(names[static_cast<int>(mode)] + (" " + std::to_string(files.size())));
    if (const auto failure = take_failure()) return *failure;
    for (const SharedFile& file : files) {
      if (file.name == refused_name)
        return make_error(Code::kInvalidArgument, "the name is not accepted");
      if (original && file.content) return make_error(Code::kInternal, "plain names only");
    }
    if (original) return std::optional<std::uint64_t>();
    return inner.index_files(token, peer, files, mode);
  }
  Result<HeartbeatReply> heartbeat(const std::string& token, const PeerKey& peer) override {
    calls.push_back("heartbeat");
    if (const auto failure = take_failure()) return *failure;
    return inner.heartbeat(token, peer);
  }
  Result<std::vector<FileSource>> find_by_name(const std::string&, const std::string&,
                                               std::uint32_t) override {
    return std::vector<FileSource>();
  }
  Result<std::vector<FileSource>> find_by_content(const std::string&, const ContentId&,
                                                  std::uint32_t) override {
    return std::vector<FileSource>();
  }
  Result<FoundPage> find_files(const std::string&, const FileQuery&) override {
    return FoundPage();
  }
  Result<SwarmReply> join_swarm(const std::string&, const PeerKey&, const Content&) override {
    return SwarmReply();
  }
  Status leave_swarm(const std::string&, const PeerKey&, const Content&) override { return {}; }
  Result<SearchPage> search(const std::string&, const std::string&, std::uint32_t,
                            const std::string&) override {
    return SearchPage();
  }
  Result<std::vector<PeerSummary>> peers(const std::string&) override {
    return std::vector<PeerSummary>();
  }

  std::vector<std::string> take_calls() { return std::exchange(calls, {}); }

  FakeDirectoryClient inner;
  std::vector<std::string> calls;
  std::deque<Error> failures;  // of the next calls
  std::string refused_name;
  bool original = false;

 private:
  std::optional<Error> take_failure() {
    if (failures.empty()) return std::nullopt;
    Error failure = failures.front();
    failures.pop_front();
    return failure;
  }
};

inline SharedFile shared(const std::string& name, std::uint8_t content = 1) {
  ContentId id;
  id.bytes.fill(content);
  return {name, Content{content, id}};
}

using Calls = std::vector<std::string>;

class AnnouncerTest : public ::testing::Test {
 protected:
  // Steps as the thread would, without time passing.
  void settle() {
    while (announcer_.step() <= clock_.steady()) {
    }
  }
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    settle();
  }
  // How long the announcer wants to be left alone.
  std::chrono::seconds wait() {
    return std::chrono::round<std::chrono::seconds>(announcer_.step() - clock_.steady());
  }
  void change(const std::vector<FolderChange>& changes) {
    announcer_.note_changes(changes);
    pass(std::chrono::milliseconds(100));
  }
  std::vector<std::string> in_directory() const {
    std::vector<std::string> names;
    for (const SharedFile& file : directory_.inner.files_of({"ana", "10.0.0.1", 50051}))
      names.push_back(file.name);
    return names;
  }

  std::vector<SharedFile> page(std::size_t& from, std::size_t limit) {
    std::vector<SharedFile> page;
    for (; from < folder_.size() && page.size() < limit; ++from) page.push_back(folder_[from]);
    most_taken_ = std::max(most_taken_, page.size());
    return page;
  }
  FolderSummary summary() const {
    FolderSummary summary{folder_.size(), {}, is_settled_};
    for (const SharedFile& file : folder_) summary.digest.toggle(file.name, file.content);
    return summary;
  }
  // As an earlier start of this peer left them there, and others beside it.
  void put_in_directory(const std::vector<SharedFile>& files) {
    for (const SharedFile& file : files) directory_.inner.add({"ana", "10.0.0.1", 50051}, file);
  }

  Log log_{LogLevel::kOff, LogFormat::kText};
  ManualClock clock_;
  RecordingDirectory directory_;
  bool is_settled_ = true;
  std::vector<SharedFile> folder_ = {shared("a"), shared("b")};
  std::size_t most_taken_ = 0;  // at once
  double random_ = 1.0;
  Announcer announcer_{{{"ana", "secret"}, "10.0.0.1", 50051},
                       directory_,
                       {[this](std::size_t& from, std::size_t limit) { return page(from, limit); },
                        [this] { return summary(); }},
                       clock_,
                       [this] { return random_; },
                       log_};
};

}  // namespace trueque::testing
