#include "server/core/request_rules.h"

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "common/base/text.h"
#include "server/core/directory.h"

namespace trueque {
namespace {

Error bad(const std::string& member, const std::string& what) {
  return make_error(Code::kInvalidArgument, "'" + member + "' " + what + ".");
}

Status validate_name(const std::string& member, std::string_view name) {
  const Status status = validate_file_name(name);
  if (status) return {};
  return bad(member, status.error().message + "; a file name is a path within the shared folder");
}

bool is_valid(const SharedFile& file) {
  return validate_file_name(file.name).ok() &&
         (!file.content || file.content->size <= kMaxFileSize);
}

Status validate_folder(std::string_view folder) {
  if (folder.ends_with('/')) return bad("folder", "ends with '/'; leave that away");
  const Status status = validate_file_name(folder);
  if (status) return {};
  return bad("folder", status.error().message + "; a folder is a path within the shared folder");
}

Status validate_person(const std::string& member, std::string_view username) {
  if (username.empty()) return bad(member, "is empty");
  if (username.size() > kMaxUsernameBytes) return bad(member, "is over 255 bytes");
  if (!is_valid_utf8(username)) return bad(member, "is not UTF-8");
  if (has_control_character(username)) return bad(member, "has a control character");
  return {};
}

}  // namespace

Status validate_username(std::string_view username) {
  return validate_person("username", username);
}

Status validate_password(std::string_view password) {
  if (password.empty()) return bad("password", "is empty");
  if (password.size() > kMaxPasswordBytes) return bad("password", "is over 1,024 bytes");
  return {};
}

Status validate_port(std::uint16_t port) {
  if (port == 0) return bad("peer_port", "must be between 1 and 65535");
  return {};
}

Status validate_limit(std::uint32_t limit) {
  if (limit == 0 || limit > kMaxLimit) return bad("limit", "must be between 1 and 1000");
  return {};
}

Status validate_query(std::string_view words) {
  if (!is_valid_utf8(words)) return bad("q", "is not UTF-8");
  if (single_spaced(words).empty()) {
    return bad("q", "is empty; give at least one word to search for");
  }
  return {};
}

Status validate_wanted_name(std::string_view name) { return validate_name("file_name", name); }

Status validate_wanted(std::span<const std::string> file_names, std::span<const ContentId> ids) {
  if (file_names.size() > kMaxWantedPerRequest)
    return bad("file_names", "has more than 1000 names; send them in several requests");
  if (ids.size() > kMaxWantedPerRequest)
    return bad("content_ids", "has more than 1000 ids; send them in several requests");
  for (std::size_t i = 0; i < file_names.size(); ++i) {
    const std::string member = "file_names[" + std::to_string(i) + "]";
    if (Status status = validate_name(member, file_names[i]); !status) return status;
  }
  return {};
}

Status validate_files(std::span<const SharedFile> files) {
  if (files.size() > kMaxFilesPerRequest) {
    return bad("peer_files", "has more than 10000 files; send them in several requests");
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (is_valid(files[i])) continue;
    const std::string member = "peer_files[" + std::to_string(i) + "]";
    if (Status status = validate_name(member + ".name", files[i].name); !status) return status;
    return bad(member + ".size", "is more than 9007199254740991");
  }
  return {};
}

Status validate_content(const Content& content) {
  if (content.size > kMaxFileSize) return bad("size", "is more than 9007199254740991");
  return {};
}

Status validate_file_query(const FileQuery& query) {
  const bool is_empty = query.names.empty() && query.content_ids.empty() && query.folder.empty() &&
                        query.pattern.empty() && query.peer_name.empty();
  if (is_empty)
    return bad("names", "is missing; send it, content_ids, folder, pattern or peer_name");
  if (query.names.size() > kMaxWantedPerRequest)
    return bad("names", "has more than 1000 names; send them in several requests");
  if (query.content_ids.size() > kMaxWantedPerRequest)
    return bad("content_ids", "has more than 1000 ids; send them in several requests");
  for (std::size_t i = 0; i < query.names.size(); ++i) {
    const std::string member = "names[" + std::to_string(i) + "]";
    if (Status status = validate_name(member, query.names[i]); !status) return status;
  }
  if (!query.folder.empty()) {
    if (Status status = validate_folder(query.folder); !status) return status;
  }
  if (!query.peer_name.empty()) {
    if (Status status = validate_person("peer_name", query.peer_name); !status) return status;
  }
  return validate_limit(query.limit);
}

Result<std::string> canonical_peer_ip(std::string_view peer_ip) {
  Result<std::string> host = canonical_host(peer_ip);
  if (!host.ok()) return bad("peer_ip", "is " + host.error().message);
  return host;
}

}  // namespace trueque
