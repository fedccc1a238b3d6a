// The directory's REST messages as JSON, for both ends; the only place that knows
// the members' names. Two manners of reading:
//   requests   strictly: kInvalidArgument or kOutOfRange names the member at fault
//   responses  leniently: nothing depends on a member the original directory does
//              not send, and a row that makes no sense is left out
// Unknown members are ignored everywhere. Text is passed on as it came.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "common/directory/json_document.h"

namespace trueque {

inline constexpr std::uint64_t kMaxContentSize = (1ULL << 53U) - 1;  // bytes
inline constexpr std::uint32_t kDefaultRows = 50;                    // `limit` left out
inline constexpr std::uint32_t kMaxRows = 1'000;

// --- Requests ---------------------------------------------------------------

struct LoginMessage {
  std::string username;
  std::string password;
  std::string peer_ip;
  std::uint16_t peer_port = kDefaultPeerPort;
};

// Body of /logout and /heartbeat, and part of /indexFiles.
struct PeerMessage {
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;
};

struct IndexMessage {
  PeerMessage peer;
  std::vector<SharedFile> files;
  IndexMode mode = IndexMode::kAdd;
};

// Body of /getFiles. Where there is a list, it is what is asked for; with one name and
// one content given, the content decides.
struct LookupMessage {
  std::string file_name;
  std::optional<ContentId> content;
  std::uint32_t limit = kDefaultRows;
  std::vector<std::string> file_names = {};
  std::vector<ContentId> contents = {};
};

// Body of /joinSwarm and /leaveSwarm.
struct SwarmMessage {
  PeerMessage peer;
  Content content;
};

Result<LoginMessage> read_login(const Json& body);
Result<PeerMessage> read_peer(const Json& body);
Result<IndexMessage> read_index(const Json& body);
// The same straight from the text, several times as fast: it takes a body that is as most
// are and gives nothing for others, right or wrong, which parse_json_document() and
// read_index() tell apart.
std::optional<IndexMessage> read_index_quickly(std::string_view body);
Result<LookupMessage> read_lookup(const Json& body);
// Body of /findFiles. A member that is there is not empty.
Result<FileQuery> read_file_query(const Json& body);
Result<SwarmMessage> read_swarm(const Json& body);
// `limit` as it stands in a query string: 1 to kMaxRows in plain digits.
Result<std::uint32_t> read_limit(std::string_view text);

std::string write_login(const LoginMessage& message);
std::string write_peer(const PeerMessage& message);
// Placeholders go as plain names, which every directory understands.
std::string write_index(const PeerMessage& peer, std::span<const SharedFile> files, IndexMode mode);
std::string write_lookup(const LookupMessage& message);
std::string write_swarm(const SwarmMessage& message);
std::string write_file_query(const FileQuery& query);

// --- Responses --------------------------------------------------------------

std::string write_login_reply(const LoginReply& reply);
std::string write_message(std::string_view sentence);  // {"message": ...}
std::string write_indexed(std::uint64_t files);
std::string write_heartbeat_reply(const HeartbeatReply& reply);
std::string write_sources(std::span<const FileSource> sources);
std::string write_found_page(const FoundPage& page);
std::string write_swarm_reply(const SwarmReply& reply);
std::string write_search_page(const SearchPage& page);
std::string write_peers(std::span<const PeerSummary> peers);
std::string write_stats(const DirectoryStats& stats);
std::string write_health(std::string_view status);  // {"status": ...}
std::string write_error(const Error& error);        // {"error", "code", "message"}

// What the answer leaves out is taken from what was asked.
LoginReply read_login_reply(const Json& body, const PeerKey& asked);
std::optional<std::uint64_t> read_indexed(const Json& body);
HeartbeatReply read_heartbeat_reply(const Json& body);
std::vector<FileSource> read_sources(const Json& body);
FoundPage read_found_page(const Json& body);
SwarmReply read_swarm_reply(const Json& body);
SearchPage read_search_page(const Json& body);
std::vector<PeerSummary> read_peers(const Json& body);
// From `code` and `message` or `error`, whatever of them is there; `fallback`
// holds what the status alone tells.
Error read_error(std::string_view body, Error fallback);

}  // namespace trueque
