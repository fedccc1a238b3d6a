#include "common/directory/http_directory_client.h"

#include <charconv>

#include "common/base/address.h"
#include "common/base/text.h"
#include "common/directory/http_call.h"
#include "common/directory/json_messages.h"

namespace trueque {
namespace {

constexpr std::string_view kScheme = "http://";

Error bad_url(const std::string& why) {
  return make_error(Code::kInvalidArgument,
                    why + "; write it like http://10.0.0.1:5000 or http://[::1]:5000");
}

Result<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty()) return std::uint16_t{80};
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + 1, end, port);
  if (text.front() != ':' || failure != std::errc() || stop != end || port < 1 || port > 65535)
    return bad_url("the directory's port must be a number between 1 and 65535");
  return static_cast<std::uint16_t>(port);
}

// Where the host ends, brackets included.
std::size_t host_length(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    return bracket == std::string_view::npos ? authority.size() : bracket + 1;
  }
  return std::min(authority.find(':'), authority.size());
}

// Everything encoded, so that '/' and '&' in a value stay part of it.
std::string query_value(const std::string& text) { return percent_encode_path(text); }

// A directory that has no such request says 404, ours of before as the original. Of
// one that has it 404 comes to nobody with a token: none found is an answer, and a
// peer that is gone gets 401.
Error without_request(const Error& error, const std::string& what) {
  if (error.code != Code::kNotFound && error.code != Code::kUnimplemented) return error;
  return make_error(Code::kUnimplemented, "This directory has no " + what + ".");
}

PeerMessage message_for(const PeerKey& peer) { return {peer.ip, peer.port}; }

}  // namespace

Result<DirectoryEndpoint> parse_directory_url(std::string_view url) {
  if (url.starts_with("https://")) return bad_url("the directory speaks plain http, not https");
  if (!url.starts_with(kScheme)) return bad_url("the directory's URL must begin with http://");
  std::string_view authority = url.substr(kScheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#@") != std::string_view::npos)
    return bad_url("the directory's URL must hold a host and a port and nothing else");
  std::string_view host = authority.substr(0, host_length(authority));
  const Result<std::uint16_t> port = parse_port(authority.substr(host.size()));
  if (!port) return port.error();
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Result<std::string> canonical = canonical_host(host);
  if (!canonical || is_ipv6(*canonical) != bracketed)
    return bad_url("the directory's URL names no valid host");
  return DirectoryEndpoint{std::move(*canonical), *port};
}

HttpDirectoryClient::HttpDirectoryClient(DirectoryEndpoint endpoint, DirectoryTimeouts timeouts)
    : endpoint_(std::move(endpoint)), timeouts_(timeouts) {}

Result<LoginReply> HttpDirectoryClient::log_in(const Credentials& credentials,
                                               const std::string& peer_ip,
                                               std::uint16_t peer_port) {
  const std::string body =
      write_login({credentials.username, credentials.password, peer_ip, peer_port});
  const Result<Json> answer =
      call_directory(endpoint_, timeouts_.connect, {"POST", "/login", body, "", timeouts_.login});
  if (!answer) return answer.error();
  return read_login_reply(*answer, PeerKey{credentials.username, peer_ip, peer_port});
}

Status HttpDirectoryClient::log_out(const std::string& token, const PeerKey& peer) {
  const Result<Json> answer =
      call_directory(endpoint_, timeouts_.connect,
                     {"POST", "/logout", write_peer(message_for(peer)), token, timeouts_.answer});
  return answer ? Status() : Status(answer.error());
}

Result<std::optional<std::uint64_t>> HttpDirectoryClient::index_files(
    const std::string& token, const PeerKey& peer, std::span<const SharedFile> files,
    IndexMode mode) {
  const std::string body = write_index(message_for(peer), files, mode);
  const Result<Json> answer = call_directory(
      endpoint_, timeouts_.connect, {"POST", "/indexFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_indexed(*answer);
}

Result<std::vector<FileSource>> HttpDirectoryClient::find_by_name(const std::string& token,
                                                                  const std::string& file_name,
                                                                  std::uint32_t limit) {
  const std::string body = write_lookup({file_name, std::nullopt, limit});
  const Result<Json> answer = call_directory(endpoint_, timeouts_.connect,
                                             {"POST", "/getFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_sources(*answer);
}

Result<std::vector<FileSource>> HttpDirectoryClient::find_by_content(const std::string& token,
                                                                     const ContentId& content,
                                                                     std::uint32_t limit) {
  const std::string body = write_lookup({"", content, limit});
  const Result<Json> answer = call_directory(endpoint_, timeouts_.connect,
                                             {"POST", "/getFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_sources(*answer);
}

Result<FoundPage> HttpDirectoryClient::find_files(const std::string& token,
                                                  const FileQuery& query) {
  const Result<Json> answer =
      call_directory(endpoint_, timeouts_.connect,
                     {"POST", "/findFiles", write_file_query(query), token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "request for many files");
  return read_found_page(*answer);
}

Result<SwarmReply> HttpDirectoryClient::join_swarm(const std::string& token, const PeerKey& peer,
                                                   const Content& content) {
  const std::string body = write_swarm({message_for(peer), content});
  const Result<Json> answer = call_directory(endpoint_, timeouts_.connect,
                                             {"POST", "/joinSwarm", body, token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "list of downloads");
  return read_swarm_reply(*answer);
}

Status HttpDirectoryClient::leave_swarm(const std::string& token, const PeerKey& peer,
                                        const Content& content) {
  const std::string body = write_swarm({message_for(peer), content});
  const Result<Json> answer = call_directory(
      endpoint_, timeouts_.connect, {"POST", "/leaveSwarm", body, token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "list of downloads");
  return {};
}

Result<LeaseTerms> HttpDirectoryClient::heartbeat(const std::string& token, const PeerKey& peer) {
  const Result<Json> answer = call_directory(
      endpoint_, timeouts_.connect,
      {"POST", "/heartbeat", write_peer(message_for(peer)), token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_lease_terms(*answer);
}

Result<SearchPage> HttpDirectoryClient::search(const std::string& token, const std::string& words,
                                               std::uint32_t limit, const std::string& cursor) {
  std::string target = "/search?q=" + query_value(words) + "&limit=" + std::to_string(limit);
  if (!cursor.empty()) target += "&cursor=" + query_value(cursor);
  const Result<Json> answer =
      call_directory(endpoint_, timeouts_.connect, {"GET", target, "", token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_search_page(*answer);
}

Result<std::vector<PeerSummary>> HttpDirectoryClient::peers(const std::string& token) {
  const Result<Json> answer =
      call_directory(endpoint_, timeouts_.connect, {"GET", "/peers", "", token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_peers(*answer);
}

}  // namespace trueque
