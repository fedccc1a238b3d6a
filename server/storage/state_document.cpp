#include "server/storage/state_document.h"

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "server/core/request_rules.h"
#include "server/storage/json_reading.h"
#include "server/storage/original_state.h"

namespace trueque {
namespace {

using nlohmann::json;

void append_file(std::string& out, std::string_view name, const std::optional<Content>& content) {
  out += "{\"name\": ";
  append_json_string(out, name);
  if (content) {
    out += ", \"size\": " + std::to_string(content->size) + ", \"content_id\": \"";
    out += content->id.hex() + "\"";
  }
  out += "}";
}

SharedFile read_file_item(const json& item, const std::string& path, JsonShape& shape) {
  SharedFile file{shape.text(item, "name", path), std::nullopt};
  if (!shape.ok()) return file;
  if (const Status status = validate_file_name(file.name); !status) {
    shape.fail(member_path(path, "name"), status.error().message);
  }
  if (!item.contains("size") && !item.contains("content_id")) return file;
  const std::uint64_t size = shape.integer(item, "size", path, 0, kMaxFileSize);
  const auto id = ContentId::from_hex(shape.text(item, "content_id", path));
  if (!id) shape.fail(member_path(path, "content_id"), "is not 64 hex digits");
  if (shape.ok()) file.content = Content{size, *id};
  return file;
}

LoadedPeer read_peer(const json& item, const std::string& path, JsonShape& shape) {
  LoadedPeer peer;
  peer.key = read_peer_key(item, path, shape);
  const json& files = shape.list(item, "files", path);
  peer.files.reserve(files.size());
  const std::string files_path = member_path(path, "files");
  for (std::size_t i = 0; i < files.size() && shape.ok(); ++i) {
    peer.files.push_back(read_file_item(files[i], item_path(files_path, i), shape));
  }
  return peer;
}

// In the original's file every member is a person's list, also that of somebody
// called "version" or "peers".
bool is_original_state(const json& document) {
  const auto is_login = [](const json& value) {
    return value.is_array() && !value.empty() && value.front().is_string();
  };
  const auto version = document.find("version");
  if (version != document.end()) return is_login(*version);
  const auto peers = document.find("peers");
  return peers == document.end() || is_login(*peers);
}

LoadedState read_version_1(const json& document, JsonShape& shape) {
  LoadedState state;
  shape.require_version(document, 1);
  const json& peers = shape.list(document, "peers", "");
  for (std::size_t i = 0; i < peers.size() && shape.ok(); ++i) {
    state.peers.push_back(read_peer(peers[i], item_path("peers", i), shape));
  }
  return state;
}

}  // namespace

void append_peer(std::string& out, const DirectoryTables::Peer& peer) {
  out += "{\"username\": ";
  append_json_string(out, peer.key.username);
  out += ", \"peer_ip\": ";
  append_json_string(out, peer.key.ip);
  out += ", \"peer_port\": " + std::to_string(peer.key.port) + ", \"files\": [";
  bool first = true;
  DirectoryTables::for_each_file(peer,
                                 [&](std::string_view name, const std::optional<Content>& content) {
                                   out += first ? "\n  " : ",\n  ";
                                   first = false;
                                   append_file(out, name, content);
                                 });
  out += "]}";
}

Result<LoadedState> read_state(std::string_view text) {
  const Result<json> document = parse_json(text);
  if (!document.ok()) return document.error();
  JsonShape shape;
  if (!document->is_object()) shape.fail("", "is no object");
  const bool is_original = shape.ok() && is_original_state(*document);
  LoadedState state =
      is_original ? read_original_state(*document, shape) : read_version_1(*document, shape);
  if (const Status status = shape.status(); !status) return status.error();
  return state;
}

}  // namespace trueque
