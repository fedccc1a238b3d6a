#include "common/directory/http_directory_client.h"

#include "common/base/text.h"
#include "common/directory/http_call.h"
#include "common/directory/json_messages.h"

namespace trueque {
namespace {

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

HttpDirectoryClient::HttpDirectoryClient(std::vector<DirectoryEndpoint> endpoints,
                                         DirectoryTimeouts timeouts)
    : endpoints_(std::move(endpoints)), timeouts_(timeouts) {}

Result<LoginReply> HttpDirectoryClient::log_in(const Credentials& credentials,
                                               const std::string& peer_ip,
                                               std::uint16_t peer_port) {
  const std::string body =
      write_login({credentials.username, credentials.password, peer_ip, peer_port});
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/login", body, "", timeouts_.login});
  if (!answer) return answer.error();
  return read_login_reply(*answer, PeerKey{credentials.username, peer_ip, peer_port});
}

Status HttpDirectoryClient::log_out(const std::string& token, const PeerKey& peer) {
  const Result<Json> answer =
      call_one_of(endpoints_, good_, timeouts_.connect,
                  {"POST", "/logout", write_peer(message_for(peer)), token, timeouts_.answer});
  return answer ? Status() : Status(answer.error());
}

Result<std::optional<std::uint64_t>> HttpDirectoryClient::index_files(
    const std::string& token, const PeerKey& peer, std::span<const SharedFile> files,
    IndexMode mode) {
  const std::string body = write_index(message_for(peer), files, mode);
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/indexFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_indexed(*answer);
}

Result<std::vector<FileSource>> HttpDirectoryClient::find_by_name(const std::string& token,
                                                                  const std::string& file_name,
                                                                  std::uint32_t limit) {
  const std::string body = write_lookup({file_name, std::nullopt, limit});
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/getFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_sources(*answer);
}

Result<std::vector<FileSource>> HttpDirectoryClient::find_by_content(const std::string& token,
                                                                     const ContentId& content,
                                                                     std::uint32_t limit) {
  const std::string body = write_lookup({"", content, limit});
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/getFiles", body, token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_sources(*answer);
}

Result<FoundPage> HttpDirectoryClient::find_files(const std::string& token,
                                                  const FileQuery& query) {
  const Result<Json> answer =
      call_one_of(endpoints_, good_, timeouts_.connect,
                  {"POST", "/findFiles", write_file_query(query), token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "request for many files");
  return read_found_page(*answer);
}

Result<SwarmReply> HttpDirectoryClient::join_swarm(const std::string& token, const PeerKey& peer,
                                                   const Content& content) {
  const std::string body = write_swarm({message_for(peer), content});
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/joinSwarm", body, token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "list of downloads");
  return read_swarm_reply(*answer);
}

Status HttpDirectoryClient::leave_swarm(const std::string& token, const PeerKey& peer,
                                        const Content& content) {
  const std::string body = write_swarm({message_for(peer), content});
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"POST", "/leaveSwarm", body, token, timeouts_.answer});
  if (!answer) return without_request(answer.error(), "list of downloads");
  return {};
}

Result<HeartbeatReply> HttpDirectoryClient::heartbeat(const std::string& token,
                                                      const PeerKey& peer) {
  const Result<Json> answer =
      call_one_of(endpoints_, good_, timeouts_.connect,
                  {"POST", "/heartbeat", write_peer(message_for(peer)), token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_heartbeat_reply(*answer);
}

Result<SearchPage> HttpDirectoryClient::search(const std::string& token, const std::string& words,
                                               std::uint32_t limit, const std::string& cursor) {
  std::string target = "/search?q=" + query_value(words) + "&limit=" + std::to_string(limit);
  if (!cursor.empty()) target += "&cursor=" + query_value(cursor);
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"GET", target, "", token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_search_page(*answer);
}

Result<std::vector<PeerSummary>> HttpDirectoryClient::peers(const std::string& token) {
  const Result<Json> answer = call_one_of(endpoints_, good_, timeouts_.connect,
                                          {"GET", "/peers", "", token, timeouts_.answer});
  if (!answer) return answer.error();
  return read_peers(*answer);
}

}  // namespace trueque
