// The responses of json_messages.h.
#include <algorithm>

#include "common/base/address.h"
#include "common/directory/json_messages.h"

namespace trueque {
namespace {

// --- Lenient reading: nothing where the member is missing or of another type.

std::optional<std::string> text(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::uint64_t> number(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

// Null says no more than leaving the member out.
bool says(const Json& object, const char* name) {
  if (!object.is_object()) return false;
  const auto found = object.find(name);
  return found != object.end() && !found->is_null();
}

std::optional<std::uint16_t> port(const Json& object) {
  const std::optional<std::uint64_t> value = number(object, "peer_port");
  if (!value || *value < 1 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

// The array itself, or an empty one.
const Json& rows(const Json& list) {
  static const Json kNone = Json::array();
  return list.is_array() ? list : kNone;
}

const Json& rows(const Json& object, const char* name) {
  static const Json kNone = Json::array();
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found == object.end() ? kNone : rows(*found);
}

// A name with what is said of its content; nothing when that contradicts itself.
std::optional<SharedFile> file_of(const Json& row) {
  const std::optional<std::string> name = text(row, "file_name");
  if (!name || name->empty()) return std::nullopt;
  if (!says(row, "size") && !says(row, "content_id")) return SharedFile{*name, std::nullopt};
  const std::optional<std::uint64_t> size = number(row, "size");
  const std::optional<ContentId> id = ContentId::from_hex(text(row, "content_id").value_or(""));
  if (!size || *size > kMaxContentSize || !id) return std::nullopt;
  return SharedFile{*name, Content{*size, *id}};
}

// A host to connect to, in canonical form.
std::optional<std::string> host(const Json& object, const char* name) {
  const std::optional<std::string> written = text(object, name);
  if (!written) return std::nullopt;
  Result<std::string> canonical = canonical_host(*written);
  if (!canonical) return std::nullopt;
  return std::move(*canonical);
}

std::optional<FileSource> source_of(const Json& row) {
  std::optional<SharedFile> file = file_of(row);
  const std::optional<std::uint16_t> peer_port = port(row);
  if (says(row, "peer_port") && !peer_port) return std::nullopt;
  // Without a port, as from an original directory, nobody connects to the address:
  // whatever was typed there says only who it is.
  const std::optional<std::string> ip = peer_port ? host(row, "peer_ip") : text(row, "peer_ip");
  if (!file || !ip || ip->empty()) return std::nullopt;
  return FileSource{text(row, "peer_name").value_or(""), *ip, peer_port, std::move(*file),
                    text(row, "download_link").value_or("")};
}

// A peer to connect to; nothing when its address or port is none.
std::optional<PeerKey> peer_of(const Json& row) {
  const std::optional<std::string> ip = host(row, "peer_ip");
  const std::optional<std::uint16_t> peer_port = port(row);
  if (!ip || !peer_port) return std::nullopt;
  return PeerKey{text(row, "peer_name").value_or(""), *ip, *peer_port};
}

std::vector<PeerKey> peers_in(const Json& object, const char* name) {
  std::vector<PeerKey> peers;
  for (const Json& row : rows(object, name)) {
    if (std::optional<PeerKey> peer = peer_of(row)) peers.push_back(*std::move(peer));
  }
  return peers;
}

std::chrono::seconds seconds_or(const Json& body, const char* name, std::chrono::seconds fallback) {
  constexpr std::uint64_t kDay = 86'400;
  const std::optional<std::uint64_t> value = number(body, name);
  if (!value || *value == 0) return fallback;
  return std::chrono::seconds(std::min(*value, kDay));
}

LeaseTerms terms_of(const Json& body) {
  LeaseTerms terms;
  terms.heartbeat = seconds_or(body, "heartbeat_seconds", terms.heartbeat);
  terms.lease = seconds_or(body, "lease_seconds", terms.lease);
  return terms;
}

// Nothing unless all of it is there.
std::optional<FilesSummary> summary_of(const Json& body) {
  const std::optional<std::uint64_t> files = number(body, "files");
  const std::optional<std::uint64_t> revision = number(body, "revision");
  const auto digest = FileSetDigest::from_hex(text(body, "digest").value_or(""));
  if (!files || !revision || !digest) return std::nullopt;
  return FilesSummary{*files, *revision, *digest};
}

// --- Writing.

void add_content(Json& row, const SharedFile& file) {
  if (!file.content) return;
  row["size"] = file.content->size;
  row["content_id"] = file.content->id.hex();
}

// "name":"text",
void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append("\"").append(name).append("\":");
  append_json_text(out, text);
  out.append(",");
}

Json peer_rows(std::span<const PeerKey> peers) {
  Json list = Json::array();
  for (const PeerKey& peer : peers) {
    list.push_back({{"peer_name", peer.username}, {"peer_ip", peer.ip}, {"peer_port", peer.port}});
  }
  return list;
}

void add_terms(Json& body, const LeaseTerms& terms) {
  body["heartbeat_seconds"] = terms.heartbeat.count();
  body["lease_seconds"] = terms.lease.count();
}

void add_summary(Json& body, const std::optional<FilesSummary>& files) {
  if (!files) return;
  body["files"] = files->files;
  body["revision"] = files->revision;
  body["digest"] = files->digest.hex();
}

}  // namespace

std::string write_login_reply(const LoginReply& reply) {
  Json body = {{"username", reply.peer.username},
               {"peer_ip", reply.peer.ip},
               {"peer_port", reply.peer.port},
               {"token", reply.token}};
  add_terms(body, reply.terms);
  add_summary(body, reply.files);
  return dump_json(body);
}

std::string write_message(std::string_view sentence) { return dump_json({{"message", sentence}}); }

std::string write_indexed(std::uint64_t files) {
  return dump_json({{"message", "Files indexed successfully."}, {"indexed", files}});
}

std::string write_heartbeat_reply(const HeartbeatReply& reply) {
  Json body = Json::object();
  add_terms(body, reply.terms);
  add_summary(body, reply.files);
  return dump_json(body);
}

// The answer that is asked for most, hence without a document in between. Members are
// in the order of their names, as everywhere.
std::string write_sources(std::span<const FileSource> sources) {
  std::string body = "[";
  for (const FileSource& source : sources) {
    if (body.size() > 1) body += ',';
    body += '{';
    if (source.file.content)
      body.append("\"content_id\":\"").append(source.file.content->id.hex()).append("\",");
    append_member(body, "download_link", source.download_link);
    append_member(body, "file_name", source.file.name);
    append_member(body, "peer_ip", source.peer_ip);
    append_member(body, "peer_name", source.peer_name);
    if (source.peer_port)
      body.append("\"peer_port\":").append(std::to_string(*source.peer_port)).append(",");
    if (source.file.content)
      body.append("\"size\":").append(std::to_string(source.file.content->size)).append(",");
    body.back() = '}';
  }
  return body += ']';
}

std::string write_found_page(const FoundPage& page) {
  Json files = Json::array();
  for (const FoundFile& found : page.files) {
    Json row = {{"file_name", found.file.name}, {"sources", peer_rows(found.sources)}};
    add_content(row, found.file);
    files.push_back(std::move(row));
  }
  Json body = {{"files", std::move(files)}, {"next", nullptr}};
  if (page.next) body["next"] = *page.next;
  return dump_json(body);
}

std::string write_swarm_reply(const SwarmReply& reply) {
  return dump_json({{"peers", peer_rows(reply.peers)}, {"renew_seconds", reply.renew.count()}});
}

std::string write_search_page(const SearchPage& page) {
  Json files = Json::array();
  for (const SearchHit& hit : page.files) {
    Json row = {{"file_name", hit.file.name}, {"sources", hit.sources}};
    add_content(row, hit.file);
    files.push_back(std::move(row));
  }
  Json body = {{"files", std::move(files)}, {"next", nullptr}};
  if (page.next) body["next"] = *page.next;
  return dump_json(body);
}

std::string write_peers(std::span<const PeerSummary> peers) {
  Json list = Json::array();
  for (const PeerSummary& each : peers) {
    list.push_back({{"peer_name", each.peer.username},
                    {"peer_ip", each.peer.ip},
                    {"peer_port", each.peer.port},
                    {"files", each.files},
                    {"last_seen_seconds", each.last_seen.count()}});
  }
  return dump_json({{"peers", std::move(list)}});
}

std::string write_stats(const DirectoryStats& stats) {
  return dump_json({{"peers", stats.peers},
                    {"files", stats.files},
                    {"names", stats.names},
                    {"contents", stats.contents},
                    {"uptime_seconds", stats.uptime.count()}});
}

std::string write_health(std::string_view status) { return dump_json({{"status", status}}); }

std::string write_error(const Error& error) {
  return dump_json(
      {{"error", error.message}, {"code", code_name(error.code)}, {"message", error.message}});
}

LoginReply read_login_reply(const Json& body, const PeerKey& asked) {
  LoginReply reply;
  reply.peer = asked;
  if (auto username = text(body, "username")) reply.peer.username = std::move(*username);
  if (auto ip = text(body, "peer_ip")) reply.peer.ip = std::move(*ip);
  reply.peer.port = port(body).value_or(asked.port);
  reply.token = text(body, "token").value_or("");
  reply.terms = terms_of(body);
  reply.files = summary_of(body);
  return reply;
}

std::optional<std::uint64_t> read_indexed(const Json& body) { return number(body, "indexed"); }

HeartbeatReply read_heartbeat_reply(const Json& body) { return {terms_of(body), summary_of(body)}; }

std::vector<FileSource> read_sources(const Json& body) {
  std::vector<FileSource> sources;
  for (const Json& row : rows(body)) {
    if (std::optional<FileSource> source = source_of(row)) sources.push_back(std::move(*source));
  }
  return sources;
}

FoundPage read_found_page(const Json& body) {
  FoundPage page;
  for (const Json& row : rows(body, "files")) {
    std::optional<SharedFile> file = file_of(row);
    std::vector<PeerKey> sources = peers_in(row, "sources");
    // Nobody to fetch it from is nothing found.
    if (file && !sources.empty()) page.files.push_back({*std::move(file), std::move(sources)});
  }
  page.next = text(body, "next");
  return page;
}

SwarmReply read_swarm_reply(const Json& body) {
  SwarmReply reply;
  reply.peers = peers_in(body, "peers");
  reply.renew = seconds_or(body, "renew_seconds", reply.renew);
  return reply;
}

SearchPage read_search_page(const Json& body) {
  SearchPage page;
  for (const Json& row : rows(body, "files")) {
    if (std::optional<SharedFile> file = file_of(row))
      page.files.push_back({std::move(*file), number(row, "sources").value_or(0)});
  }
  page.next = text(body, "next");
  return page;
}

std::vector<PeerSummary> read_peers(const Json& body) {
  std::vector<PeerSummary> peers;
  for (const Json& row : rows(body, "peers")) {
    const std::optional<std::string> ip = host(row, "peer_ip");
    if (!ip) continue;
    PeerKey peer{text(row, "peer_name").value_or(""), *ip, port(row).value_or(kDefaultPeerPort)};
    const std::uint64_t seen = number(row, "last_seen_seconds").value_or(0);
    constexpr std::uint64_t kCentury = 3'155'760'000;
    peers.push_back({std::move(peer), number(row, "files").value_or(0),
                     std::chrono::seconds(std::min(seen, kCentury))});
  }
  return peers;
}

Error read_error(std::string_view body, Error fallback) {
  const Result<Json> parsed = parse_json_document(body);
  if (!parsed) return fallback;
  Error error = std::move(fallback);
  if (const auto code = text(*parsed, "code")) {
    const Code named = code_from_name(*code);
    if (code_name(named) == *code) error.code = named;
  }
  std::optional<std::string> sentence = text(*parsed, "message");
  if (!sentence || sentence->empty()) sentence = text(*parsed, "error");
  if (sentence && !sentence->empty()) error.message = std::move(*sentence);
  return error;
}

}  // namespace trueque
