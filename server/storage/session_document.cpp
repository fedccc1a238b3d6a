#include "server/storage/session_document.h"

namespace trueque {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostSegments = std::uint64_t{1} << 53U;

void append_peer(std::string& out, const PeerKey& peer) {
  out += "\"username\": ";
  append_json_string(out, peer.username);
  out += ", \"peer_ip\": ";
  append_json_string(out, peer.ip);
  out += ", \"peer_port\": " + std::to_string(peer.port);
}

void append_session(std::string& out, const Session& session) {
  using std::chrono::duration_cast;
  const auto opened = duration_cast<std::chrono::seconds>(session.opened.time_since_epoch());
  out += "{\"token_hash\": \"" + to_hex(session.token) + "\", ";
  append_peer(out, session.peer);
  out += ", \"opened\": " + std::to_string(opened.count()) + "}";
}

Session read_session(const json& item, const std::string& path, JsonShape& shape) {
  Session session;
  const auto token = ContentId::from_hex(shape.text(item, "token_hash", path));
  if (!token) shape.fail(member_path(path, "token_hash"), "is not 64 hex digits");
  if (token) session.token = token->bytes;
  session.peer = read_peer_key(item, path, shape);
  session.opened =
      Clock::Wall(std::chrono::seconds(shape.integer(item, "opened", path, 0, kLatestOpening)));
  return session;
}

}  // namespace

void append_sessions(std::string& out, const SessionDocument& document) {
  out.reserve(out.size() + document.sessions.size() * 220 + document.leases.size() * 100 + 64);
  out += "\"sessions\": [";
  for (std::size_t i = 0; i < document.sessions.size(); ++i) {
    out += i == 0 ? "\n " : ",\n ";
    append_session(out, document.sessions[i]);
  }
  out += "\n], \"leases\": [";
  for (std::size_t i = 0; i < document.leases.size(); ++i) {
    out += i == 0 ? "\n {" : ",\n {";
    append_peer(out, document.leases[i]);
    out += "}";
  }
  out += "\n]";
}

std::string write_sessions(const SessionDocument& document) {
  std::string out = "{\"version\": 1, \"journal\": " + std::to_string(document.journal) + ", ";
  append_sessions(out, document);
  return out + "}\n";
}

SessionDocument read_session_members(const json& parsed, JsonShape& shape) {
  SessionDocument document;
  const json& sessions = shape.list(parsed, "sessions", "");
  for (std::size_t i = 0; i < sessions.size() && shape.ok(); ++i) {
    document.sessions.push_back(read_session(sessions[i], item_path("sessions", i), shape));
  }
  const json& leases = shape.list(parsed, "leases", "");
  for (std::size_t i = 0; i < leases.size() && shape.ok(); ++i) {
    document.leases.push_back(read_peer_key(leases[i], item_path("leases", i), shape));
  }
  return document;
}

Result<SessionDocument> read_sessions(std::string_view text) {
  const Result<json> parsed = parse_json(text);
  if (!parsed.ok()) return parsed.error();
  JsonShape shape;
  shape.require_version(*parsed, 1);
  SessionDocument document = read_session_members(*parsed, shape);
  if (shape.ok() && parsed->contains("journal")) {
    document.journal = shape.integer(*parsed, "journal", "", 0, kMostSegments);
  }
  if (const Status status = shape.status(); !status) return status.error();
  return document;
}

}  // namespace trueque
