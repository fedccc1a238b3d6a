// What a directory knows, as plain values shared by the server and its clients.
// How they look as JSON is in json_messages.h alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/content/content_id.h"

namespace trueque {

inline constexpr std::uint16_t kDefaultPeerPort = 50051;

// A peer: one person may run several, and several may share one address.
struct PeerKey {
  std::string username;
  std::string ip;  // IPv4, IPv6 or host name, in canonical form
  std::uint16_t port = kDefaultPeerPort;

  auto operator<=>(const PeerKey&) const = default;
};

struct Content {
  std::uint64_t size = 0;  // bytes, at most 2^53 - 1
  ContentId id;

  auto operator<=>(const Content&) const = default;
};

// One name a peer shares. Without content it is a placeholder: a name that is
// found and listed, with no bytes behind it.
struct SharedFile {
  std::string name;  // obeys validate_file_name
  std::optional<Content> content;

  bool operator==(const SharedFile&) const = default;
};

enum class IndexMode { kAdd, kReplace, kRemove };

struct LeaseTerms {
  std::chrono::seconds heartbeat{15};  // how often a peer should be heard from
  std::chrono::seconds lease{45};      // how long it stays without
};

struct LoginReply {
  PeerKey peer;
  std::string token;  // empty from an original directory, which has none
  LeaseTerms terms;
};

// One answer to "who has this?".
struct FileSource {
  std::string peer_name;
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;  // missing from an original directory
  SharedFile file;
  std::string download_link;
};

struct SearchHit {
  SharedFile file;
  std::uint64_t sources = 0;
};

struct SearchPage {
  std::vector<SearchHit> files;
  std::optional<std::string> next;  // cursor of the next page
};

struct PeerSummary {
  PeerKey peer;
  std::uint64_t files = 0;
  std::chrono::seconds last_seen{0};  // how long ago
};

struct DirectoryStats {
  std::uint64_t peers = 0;
  std::uint64_t files = 0;     // entries over all peers
  std::uint64_t names = 0;     // different names
  std::uint64_t contents = 0;  // different contents
  std::chrono::seconds uptime{0};
};

}  // namespace trueque
