#include "server/storage/json_reading.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "common/base/address.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

using nlohmann::json;

// nlohmann says "[json.exception.parse_error.101] parse error at line 1, column 2: why".
std::string where_and_why(const std::string& what) {
  static constexpr std::string_view kLead = "parse error at ";
  const std::size_t at = what.find(kLead);
  return at == std::string::npos ? what : what.substr(at + kLead.size());
}

const json* find_member(const json& object, const char* member) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(member);
  return found == object.end() ? nullptr : &*found;
}

Result<json> parse_filtered(std::string_view text, const json::parser_callback_t& filter) {
  if (text.empty()) return make_error(Code::kDataLoss, "line 1, column 1: the file is empty");
  try {
    return json::parse(text, filter);
  } catch (const json::exception& error) {
    return make_error(Code::kDataLoss, where_and_why(error.what()));
  }
}

}  // namespace

Result<json> parse_json(std::string_view text) { return parse_filtered(text, nullptr); }

Result<json> parse_json_without(std::string_view member, std::string_view text) {
  return parse_filtered(text, [member](int depth, json::parse_event_t event, const json& parsed) {
    return depth != 1 || event != json::parse_event_t::key || parsed != member;
  });
}

Status JsonShape::status() const {
  if (ok()) return {};
  return make_error(Code::kDataLoss, problem_);
}

void JsonShape::fail(const std::string& path, const std::string& what) {
  if (ok()) problem_ = (path.empty() ? "the document" : path) + ": " + what;
}

std::string JsonShape::text(const json& object, const char* member, const std::string& path) {
  if (!ok()) return {};
  const json* value = find_member(object, member);
  if (value != nullptr && value->is_string()) return value->get<std::string>();
  fail(member_path(path, member), value == nullptr ? "is missing" : "is no text");
  return {};
}

std::uint64_t JsonShape::integer(const json& object, const char* member, const std::string& path,
                                 std::uint64_t least, std::uint64_t most) {
  if (!ok()) return {};
  const json* value = find_member(object, member);
  if (value != nullptr && value->is_number_unsigned()) {
    const auto number = value->get<std::uint64_t>();
    if (number >= least && number <= most) return number;
  }
  fail(member_path(path, member),
       value == nullptr
           ? "is missing"
           : "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return {};
}

const json& JsonShape::list(const json& object, const char* member, const std::string& path) {
  static const json kEmpty = json::array();
  if (!ok()) return kEmpty;
  const json* value = find_member(object, member);
  if (value != nullptr && value->is_array()) return *value;
  fail(member_path(path, member), value == nullptr ? "is missing" : "is no list");
  return kEmpty;
}

void JsonShape::require_version(const json& document, std::uint64_t version) {
  if (!ok()) return;
  const json* value = find_member(document, "version");
  if (value != nullptr && value->is_number_unsigned() && *value == version) return;
  fail("version", value == nullptr ? "is missing"
                                   : "is " + value->dump(-1, ' ', true) + "; this program reads " +
                                         std::to_string(version));
}

PeerKey read_peer_key(const json& object, const std::string& path, JsonShape& shape) {
  PeerKey key;
  key.username = shape.text(object, "username", path);
  if (!validate_username(key.username)) {
    shape.fail(member_path(path, "username"), "is no valid name");
  }
  const std::string address = shape.text(object, "peer_ip", path);
  const Result<std::string> ip = canonical_host(address);
  if (!ip.ok()) shape.fail(member_path(path, "peer_ip"), "is " + ip.error().message);
  key.ip = ip.value_or("");
  key.port = static_cast<std::uint16_t>(shape.integer(object, "peer_port", path, 1, 65535));
  return key;
}

std::string member_path(const std::string& path, std::string_view member) {
  return path.empty() ? std::string(member) : path + "." + std::string(member);
}

std::string item_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

void append_json_string(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  };
  out.push_back('"');
  while (true) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    out.append(text.begin(), special);
    if (special == text.end()) break;
    std::array<char, 8> escape{'\\', *special};
    if (static_cast<unsigned char>(*special) < 0x20) {
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(*special));
    }
    out += escape.data();
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()) + 1);
  }
  out.push_back('"');
}

}  // namespace trueque
