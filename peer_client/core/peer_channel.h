// The seam to one other peer: its file transfer, and the original's message.
// A channel may be used by one thread at a time, but cancel() by any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"

namespace trueque {

struct RemoteFile {
  std::string file_name;
  std::uint64_t size = 0;  // bytes
  ContentId content_id;
  std::uint64_t piece_size = 0;  // bytes
  std::vector<Sha256> piece_hashes;
  std::vector<bool> held;  // by piece, of a peer that is still fetching the file; empty: all
};

// A whole content, small enough to be held in memory.
struct WholeFile {
  ContentId content;
  std::uint64_t size = 0;  // bytes
  std::size_t number = 0;  // the asker's own
};

// Whether an error of a peer is about that file alone: it may well have the next.
constexpr bool is_about_the_file(Code code) {
  return code == Code::kNotFound || code == Code::kFailedPrecondition || code == Code::kOutOfRange;
}

// What many small files are for: asked for the next one, and told of each that was asked
// for. Called by the thread in fetch_files() alone.
class WholeFiles {
 public:
  virtual ~WholeFiles() = default;
  // Nothing: no other is wanted.
  virtual std::optional<WholeFile> next() = 0;
  // All its bytes, not verified.
  virtual void arrived(const WholeFile& file, std::span<const std::uint8_t> bytes) = 0;
  virtual void failed(const WholeFile& file, const Error& error) = 0;
};

class PeerChannel {
 public:
  // Takes the next bytes of a range, in order; an error ends the transfer with it.
  using Sink = std::function<Status(std::span<const std::uint8_t>)>;

  virtual ~PeerChannel() = default;

  // kUnimplemented from a peer without FileTransfer (the original's server).
  virtual Result<RemoteFile> stat(const ContentId& content) = 0;
  // Feeds exactly `length` bytes to `sink`, or fails: kDataLoss for more or fewer
  // bytes than asked for, kDeadlineExceeded when nothing arrives for the channel's
  // idle time, kCancelled after cancel(), else the peer's own error.
  virtual Status fetch(const ContentId& content, std::uint64_t offset, std::uint64_t length,
                       const Sink& sink) = 0;
  // Fetches whole files, several at once, until `files` wants no other and is told of each.
  // One of size 0 asks whether the peer serves that content. Errors as those of fetch().
  virtual void fetch_files(WholeFiles& files) = 0;
  // The original's call: moves no bytes, gives a sentence.
  virtual Result<std::string> download_message(const std::string& peer_name,
                                               const std::string& file_name) = 0;
  // Makes the running calls, and every later one, end with kCancelled.
  virtual void cancel() = 0;
};

struct PeerEndpoint {
  std::string ip;
  std::uint16_t port = 0;

  auto operator<=>(const PeerEndpoint&) const = default;
};

// Opens channels; connecting happens at the first call. Any thread.
class PeerConnector {
 public:
  virtual ~PeerConnector() = default;
  virtual std::unique_ptr<PeerChannel> connect(const PeerEndpoint& endpoint) = 0;
};

}  // namespace trueque
