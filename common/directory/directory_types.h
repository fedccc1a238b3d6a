// What a directory knows, as plain values shared by the server and its clients.
// How they look as JSON is in json_messages.h alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/content/content.h"
#include "common/directory/file_set_digest.h"

namespace trueque {

inline constexpr std::uint16_t kDefaultPeerPort = 50051;

// A peer: one person may run several, and several may share one address.
struct PeerKey {
  std::string username;
  std::string ip;  // IPv4, IPv6 or host name, in canonical form
  std::uint16_t port = kDefaultPeerPort;

  auto operator<=>(const PeerKey&) const = default;
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

// What a directory has of one peer. With the digest of its own files a peer knows whether
// there is anything to tell.
struct FilesSummary {
  std::uint64_t files = 0;
  // Greater after every change of them. The same number twice: nothing changed between; a
  // greater one may also come of a directory that began anew. Only the digest decides.
  std::uint64_t revision = 0;
  FileSetDigest digest;

  bool operator==(const FilesSummary&) const = default;
};

struct LoginReply {
  PeerKey peer;
  std::string token;  // empty from an original directory, which has none
  LeaseTerms terms;
  std::optional<FilesSummary> files = std::nullopt;  // where the directory tells it
};

struct HeartbeatReply {
  LeaseTerms terms;
  std::optional<FilesSummary> files = std::nullopt;  // where the directory tells it
};

// One answer to "who has this?".
struct FileSource {
  std::string peer_name;
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;  // missing from an original directory
  SharedFile file;
  std::string download_link;
};

// What to list: of all files shared, those that every set member picks. Names and
// content ids pick together, either will do; none of both picks all.
struct FileQuery {
  std::vector<std::string> names;  // whole or, without a '/', last component
  std::vector<ContentId> content_ids;
  std::string folder;     // what is below it, at any depth; without the '/' at its end
  std::string pattern;    // as of a shell: '*', '?', '[a-z]', '**' over folders; one
                          // without a '/' is about the last component
  std::string peer_name;  // what that person's peers share
  std::uint32_t limit = 1000;
  std::string cursor;  // of the page before
};

// One name and content, with those who share it under this name.
struct FoundFile {
  SharedFile file;
  std::vector<PeerKey> sources;
};

struct FoundPage {
  std::vector<FoundFile> files;     // by name
  std::optional<std::string> next;  // cursor of the next page
};

// Those who are fetching the same content now, and so hold a part of it.
struct SwarmReply {
  std::vector<PeerKey> peers;
  std::chrono::seconds renew{10};  // how often to join again, so as to stay in it
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
