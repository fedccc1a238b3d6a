// The requests of json_messages.h.
#include <charconv>
#include <utility>

#include "common/directory/json_members.h"
#include "common/directory/json_messages.h"

namespace trueque {
namespace {

Result<std::optional<Content>> content_of(const Json& file, const std::string& label) {
  const Json* size = member(file, "size");
  const Json* id = member(file, "content_id");
  if (size == nullptr && id == nullptr) return std::optional<Content>();
  if (size == nullptr) return bad_member(label + ".size", "is missing beside content_id");
  if (id == nullptr) return bad_member(label + ".content_id", "is missing beside size");
  const Result<std::uint64_t> bytes = whole_number(*size, label + ".size", 0, kMaxContentSize);
  if (!bytes) return bytes.error();
  const Result<ContentId> parsed = content_id(*id, label + ".content_id");
  if (!parsed) return parsed.error();
  return std::optional(Content{*bytes, *parsed});
}

Result<SharedFile> shared_file(const Json& entry, const std::string& label) {
  if (entry.is_string()) return SharedFile{entry.get<std::string>(), std::nullopt};
  if (!entry.is_object())
    return bad_member(label, "must be a name or an object {name, size, content_id}");
  const Json* name = member(entry, "name");
  if (name == nullptr) return bad_member(label + ".name", "is missing");
  if (!name->is_string()) return bad_member(label + ".name", "must be a string");
  Result<std::optional<Content>> content = content_of(entry, label);
  if (!content) return content.error();
  return SharedFile{name->get<std::string>(), *content};
}

Result<std::vector<SharedFile>> shared_files(const Json& body) {
  const Json* list = member(body, "peer_files");
  if (list == nullptr) return bad_member("peer_files", "is missing");
  if (!list->is_array()) return bad_member("peer_files", "must be a list");
  std::vector<SharedFile> files;
  files.reserve(list->size());
  for (const Json& entry : *list) {
    Result<SharedFile> file =
        shared_file(entry, "peer_files[" + std::to_string(files.size()) + "]");
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  return files;
}

Result<IndexMode> index_mode(const Json& body) {
  const Json* value = member(body, "mode");
  if (value == nullptr || *value == "add") return IndexMode::kAdd;
  if (*value == "replace") return IndexMode::kReplace;
  if (*value == "remove") return IndexMode::kRemove;
  return bad_member("mode", "must be add, replace or remove");
}

Result<std::vector<ContentId>> optional_content_ids(const Json& object) {
  const Result<std::vector<std::string>> texts = optional_texts(object, "content_ids");
  if (!texts) return texts.error();
  std::vector<ContentId> ids;
  ids.reserve(texts->size());
  for (const std::string& text : *texts) {
    const Result<ContentId> id =
        content_id(text, "content_ids[" + std::to_string(ids.size()) + "]");
    if (!id) return id.error();
    ids.push_back(*id);
  }
  return ids;
}

const char* mode_name(IndexMode mode) {
  switch (mode) {
    case IndexMode::kAdd:
      return "add";
    case IndexMode::kReplace:
      return "replace";
    case IndexMode::kRemove:
      return "remove";
  }
  return "add";
}

Json file_entry(const SharedFile& file) {
  if (!file.content) return file.name;
  return {
      {"name", file.name}, {"size", file.content->size}, {"content_id", file.content->id.hex()}};
}

Json peer_object(const PeerMessage& message) {
  Json body = {{"peer_ip", message.peer_ip}};
  if (message.peer_port) body["peer_port"] = *message.peer_port;
  return body;
}

}  // namespace

Result<LoginMessage> read_login(const Json& body) {
  if (Status object = require_object(body); !object) return object.error();
  LoginMessage message;
  for (const auto& [name, target] :
       {std::pair("username", &message.username), std::pair("password", &message.password),
        std::pair("peer_ip", &message.peer_ip)}) {
    Result<std::string> text = text_member(body, name);
    if (!text) return text.error();
    *target = std::move(*text);
  }
  const Result<std::optional<std::uint16_t>> port = optional_port(body);
  if (!port) return port.error();
  message.peer_port = port->value_or(kDefaultPeerPort);
  return message;
}

Result<PeerMessage> read_peer(const Json& body) {
  if (Status object = require_object(body); !object) return object.error();
  Result<std::string> ip = text_member(body, "peer_ip");
  if (!ip) return ip.error();
  Result<std::optional<std::uint16_t>> port = optional_port(body);
  if (!port) return port.error();
  return PeerMessage{std::move(*ip), *port};
}

Result<IndexMessage> read_index(const Json& body) {
  Result<PeerMessage> peer = read_peer(body);
  if (!peer) return peer.error();
  Result<std::vector<SharedFile>> files = shared_files(body);
  if (!files) return files.error();
  const Result<IndexMode> mode = index_mode(body);
  if (!mode) return mode.error();
  return IndexMessage{std::move(*peer), std::move(*files), *mode};
}

Result<LookupMessage> read_lookup(const Json& body) {
  if (Status object = require_object(body); !object) return object.error();
  LookupMessage message;
  Result<std::vector<std::string>> names = optional_texts(body, "file_names");
  if (!names) return names.error();
  message.file_names = *std::move(names);
  Result<std::vector<ContentId>> contents = optional_content_ids(body);
  if (!contents) return contents.error();
  message.contents = *std::move(contents);
  const bool asks_for_many = !message.file_names.empty() || !message.contents.empty();
  const Json* id = member(body, "content_id");
  if (id == nullptr && member(body, "file_name") == nullptr && !asks_for_many)
    return bad_member("file_name", "is missing; send it, content_id, file_names or content_ids");
  if (member(body, "file_name") != nullptr) {
    Result<std::string> name = text_member(body, "file_name");
    if (!name) return name.error();
    message.file_name = std::move(*name);
  }
  if (id != nullptr) {
    const Result<ContentId> parsed = content_id(*id, "content_id");
    if (!parsed) return parsed.error();
    message.content = *parsed;
  }
  if (const Json* limit = member(body, "limit"); limit != nullptr) {
    const Result<std::uint64_t> rows = whole_number(*limit, "limit", 1, kMaxRows);
    if (!rows) return rows.error();
    message.limit = static_cast<std::uint32_t>(*rows);
  }
  return message;
}

Result<FileQuery> read_file_query(const Json& body) {
  if (Status object = require_object(body); !object) return object.error();
  FileQuery query;
  Result<std::vector<std::string>> names = optional_texts(body, "names");
  if (!names) return names.error();
  query.names = std::move(*names);
  Result<std::vector<ContentId>> ids = optional_content_ids(body);
  if (!ids) return ids.error();
  query.content_ids = std::move(*ids);
  for (const auto& [name, target] :
       {std::pair("folder", &query.folder), std::pair("pattern", &query.pattern),
        std::pair("peer_name", &query.peer_name), std::pair("cursor", &query.cursor)}) {
    Result<std::string> text = optional_text(body, name);
    if (!text) return text.error();
    const bool is_empty = text->empty() && member(body, name) != nullptr;
    if (is_empty && target != &query.cursor)
      return bad_member(name, "is empty; leave it away or fill it");
    *target = std::move(*text);
  }
  if (const Json* limit = member(body, "limit"); limit != nullptr) {
    const Result<std::uint64_t> rows = whole_number(*limit, "limit", 1, kMaxRows);
    if (!rows) return rows.error();
    query.limit = static_cast<std::uint32_t>(*rows);
  }
  return query;
}

Result<SwarmMessage> read_swarm(const Json& body) {
  Result<PeerMessage> peer = read_peer(body);
  if (!peer) return peer.error();
  const Json* size = member(body, "size");
  if (size == nullptr) return bad_member("size", "is missing");
  const Json* id = member(body, "content_id");
  if (id == nullptr) return bad_member("content_id", "is missing");
  const Result<std::uint64_t> bytes = whole_number(*size, "size", 0, kMaxContentSize);
  if (!bytes) return bytes.error();
  const Result<ContentId> parsed = content_id(*id, "content_id");
  if (!parsed) return parsed.error();
  return SwarmMessage{std::move(*peer), {*bytes, *parsed}};
}

Result<std::uint32_t> read_limit(std::string_view text) {
  std::uint32_t rows = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, rows);
  if (failure == std::errc::invalid_argument || stop != end)
    return bad_member("limit", "must be a whole number between 1 and " + std::to_string(kMaxRows));
  if (failure != std::errc() || rows < 1 || rows > kMaxRows)
    return bad_member("limit", "must be between 1 and " + std::to_string(kMaxRows),
                      Code::kOutOfRange);
  return rows;
}

std::string write_login(const LoginMessage& message) {
  return dump_json({{"username", message.username},
                    {"password", message.password},
                    {"peer_ip", message.peer_ip},
                    {"peer_port", message.peer_port}});
}

std::string write_peer(const PeerMessage& message) { return dump_json(peer_object(message)); }

std::string write_index(const PeerMessage& peer, std::span<const SharedFile> files,
                        IndexMode mode) {
  Json body = peer_object(peer);
  Json& list = body["peer_files"] = Json::array();
  for (const SharedFile& file : files) list.push_back(file_entry(file));
  if (mode != IndexMode::kAdd) body["mode"] = mode_name(mode);
  return dump_json(body);
}

std::string write_lookup(const LookupMessage& message) {
  Json body = Json::object();
  if (message.content) {
    body["content_id"] = message.content->hex();
  } else {
    body["file_name"] = message.file_name;
  }
  if (message.limit != kDefaultRows) body["limit"] = message.limit;
  return dump_json(body);
}

std::string write_swarm(const SwarmMessage& message) {
  Json body = peer_object(message.peer);
  body["size"] = message.content.size;
  body["content_id"] = message.content.id.hex();
  return dump_json(body);
}

std::string write_file_query(const FileQuery& query) {
  Json body = Json::object();
  if (!query.names.empty()) body["names"] = query.names;
  for (const ContentId& id : query.content_ids) body["content_ids"].push_back(id.hex());
  for (const auto& [name, text] :
       {std::pair("folder", &query.folder), std::pair("pattern", &query.pattern),
        std::pair("peer_name", &query.peer_name), std::pair("cursor", &query.cursor)}) {
    if (!text->empty()) body[name] = *text;
  }
  if (query.limit != kMaxRows) body["limit"] = query.limit;
  return dump_json(body);
}

}  // namespace trueque
