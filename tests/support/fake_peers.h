// Peers in memory, as a PeerConnector sees them: honest by default, and each able
// to lie in the ways a test names. Channels may be cancelled from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/content/merkle_tree.h"
#include "peer_client/core/peer_channel.h"
#include "tests/support/manual_clock.h"

namespace trueque::testing {

inline std::vector<std::uint8_t> some_bytes(std::size_t size, std::uint32_t seed = 1) {
  std::vector<std::uint8_t> bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  return bytes;
}

inline RemoteFile describe_bytes(const std::string& name, std::span<const std::uint8_t> bytes) {
  ContentHasher hasher(bytes.size());
  hasher.update(bytes);
  RemoteFile file;
  file.file_name = name;
  file.size = bytes.size();
  const PieceLayout layout(bytes.size());
  file.piece_size = layout.piece_size();
  file.piece_hashes = hasher.take_piece_hashes();
  file.content_id = root_of_pieces(layout, file.piece_hashes);
  return file;
}

// What one peer has and how it behaves.
struct FakePeer {
  std::map<ContentId, std::pair<RemoteFile, std::vector<std::uint8_t>>> files;
  std::optional<Error> failure;               // every call fails with it...
  int failures_left = -1;                     // ...so many times; -1 for ever
  bool without_file_transfer = false;         // the original's server
  std::optional<Error> fetch_failure;         // every fetch fails with it, after a good stat
  std::vector<bool> held;                     // the pieces it has of each file; empty: all
  std::function<void(RemoteFile&)> stat_lie;  // changes what stat says
  std::function<void(std::vector<std::uint8_t>&, std::uint64_t)> fetch_lie;  // bytes, offset
  std::optional<std::uint64_t> stops_at;  // byte of the file after which it fails
  Error stops_with = make_error(Code::kUnavailable, "went away");
  bool endless = false;
  std::chrono::milliseconds time_per_call{0};  // on the clock
  std::chrono::milliseconds time_per_chunk{0};
  std::size_t chunk = 64 * 1024;
  std::string message = "File %s downloaded properly!";
  // What was asked of it, counted under the mutex: a source alone is asked by two lanes.
  std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
  int stats = 0;
  int fetches = 0;
  std::vector<std::uint64_t> offsets;

  ContentId add(const std::string& name, const std::vector<std::uint8_t>& bytes) {
    const RemoteFile file = describe_bytes(name, bytes);
    files[file.content_id] = {file, bytes};
    return file.content_id;
  }
};

class FakePeerChannel final : public PeerChannel {
 public:
  FakePeerChannel(FakePeer* peer, ManualClock& clock) : peer_(peer), clock_(clock) {}

  Result<RemoteFile> stat(const ContentId& content) override {
    if (Status status = begin(); !status) return status.error();
    note([&] { ++peer_->stats; });
    const auto found = peer_->files.find(content);
    if (found == peer_->files.end()) return make_error(Code::kNotFound, "does not have the file");
    RemoteFile file = found->second.first;
    file.held = peer_->held;
    if (peer_->stat_lie) peer_->stat_lie(file);
    return file;
  }

  Status fetch(const ContentId& content, std::uint64_t offset, std::uint64_t length,
               const Sink& sink) override {
    if (Status status = begin(); !status) return status.error();
    note([&] {
      ++peer_->fetches;
      peer_->offsets.push_back(offset);
    });
    if (peer_->fetch_failure) return *peer_->fetch_failure;
    const auto found = peer_->files.find(content);
    if (found == peer_->files.end()) return make_error(Code::kNotFound, "does not have the file");
    std::vector<std::uint8_t> bytes = found->second.second;
    if (offset + length > bytes.size()) return make_error(Code::kOutOfRange, "no such range");
    if (!holds(found->second.first, offset, length)) return not_held();
    if (peer_->fetch_lie) peer_->fetch_lie(bytes, offset);
    if (peer_->endless) bytes.resize(bytes.size() + 8 * 1024 * 1024);
    return send(bytes, offset, length, sink);
  }

  // One after another, which is as good a way as any.
  void fetch_files(WholeFiles& files) override {
    while (const std::optional<WholeFile> file = files.next()) {
      std::vector<std::uint8_t> bytes;
      const Status status = fetch(file->content, 0, file->size, [&](auto chunk) -> Status {
        bytes.insert(bytes.end(), chunk.begin(), chunk.end());
        return {};
      });
      if (status) files.arrived(*file, bytes);
      if (!status) files.failed(*file, status.error());
    }
  }

  Result<std::string> download_message(const std::string&, const std::string& name) override {
    if (cancelled_) return cancelled();
    if (peer_ == nullptr) return unreachable();
    std::string message = peer_->message;
    if (const auto at = message.find("%s"); at != std::string::npos) message.replace(at, 2, name);
    return message;
  }

  void cancel() override { cancelled_ = true; }

 private:
  bool holds(const RemoteFile& file, std::uint64_t offset, std::uint64_t length) const {
    const std::uint64_t size = file.piece_size;
    for (std::uint64_t piece = offset / size; piece * size < offset + length; ++piece) {
      if (piece < peer_->held.size() && !peer_->held[piece]) return false;
    }
    return true;
  }
  static Error not_held() {
    Error error = make_error(Code::kUnavailable, "does not have that part yet");
    error.retry_after = std::chrono::milliseconds(1000);
    return error;
  }
  static Error unreachable() { return make_error(Code::kUnavailable, "cannot be reached"); }
  static Error cancelled() { return make_error(Code::kCancelled, "interrupted"); }

  template <typename Action>
  void note(const Action& action) {
    const std::lock_guard lock(*peer_->mutex);
    action();
  }

  Status begin() {
    if (cancelled_) return cancelled();
    if (peer_ == nullptr) return unreachable();
    const std::lock_guard lock(*peer_->mutex);
    clock_.advance(peer_->time_per_call);
    if (peer_->without_file_transfer) return make_error(Code::kUnimplemented, "cannot send files");
    if (peer_->failure && peer_->failures_left != 0) {
      if (peer_->failures_left > 0) --peer_->failures_left;
      return *peer_->failure;
    }
    return {};
  }

  Status send(const std::vector<std::uint8_t>& bytes, std::uint64_t offset, std::uint64_t length,
              const Sink& sink) {
    const std::uint64_t end = offset + length;
    std::uint64_t at = offset;
    while (at < bytes.size() && (at < end || peer_->endless)) {
      if (cancelled_) return cancelled();
      if (peer_->stops_at && at >= *peer_->stops_at) return peer_->stops_with;
      const std::uint64_t limit = peer_->endless ? bytes.size() : end;
      const auto portion = static_cast<std::size_t>(
          std::min({static_cast<std::uint64_t>(peer_->chunk), limit - at, bytes.size() - at}));
      clock_.advance(peer_->time_per_chunk);
      if (Status status = sink(std::span(bytes).subspan(at, portion)); !status) return status;
      at += portion;
    }
    if (at < end) return make_error(Code::kDataLoss, "sent fewer bytes than were asked for");
    if (at > end) return make_error(Code::kDataLoss, "sent more bytes than were asked for");
    return {};
  }

  FakePeer* peer_;  // null: nobody answers there
  ManualClock& clock_;
  std::atomic<bool> cancelled_ = false;
};

class FakePeers final : public PeerConnector {
 public:
  explicit FakePeers(ManualClock& clock) : clock_(clock) {}

  FakePeer& at(const PeerEndpoint& endpoint) { return peers_[endpoint]; }
  std::unique_ptr<PeerChannel> connect(const PeerEndpoint& endpoint) override {
    const auto found = peers_.find(endpoint);
    return std::make_unique<FakePeerChannel>(found == peers_.end() ? nullptr : &found->second,
                                             clock_);
  }

 private:
  ManualClock& clock_;
  std::map<PeerEndpoint, FakePeer> peers_;
};

}  // namespace trueque::testing
