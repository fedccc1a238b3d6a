#include "common/directory/json_members.h"

namespace trueque {

Error bad_member(const std::string& member, const std::string& why, Code code) {
  return make_error(code, "'" + member + "' " + why + ".");
}

Status require_object(const Json& body) {
  if (body.is_object()) return {};
  return make_error(Code::kInvalidArgument,
                    "The body must be a JSON object, such as {\"peer_ip\": \"10.0.0.1\"}.");
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Result<std::string> text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr) return bad_member(name, "is missing");
  if (!value->is_string()) return bad_member(name, "must be a string");
  return value->get<std::string>();
}

Result<std::uint64_t> whole_number(const Json& value, const std::string& label, std::uint64_t low,
                                   std::uint64_t high) {
  const std::string range =
      "must be between " + std::to_string(low) + " and " + std::to_string(high);
  if (!value.is_number_integer()) return bad_member(label, "must be a whole number");
  if (!value.is_number_unsigned()) return bad_member(label, range, Code::kOutOfRange);
  const auto number = value.get<std::uint64_t>();
  if (number < low || number > high) return bad_member(label, range, Code::kOutOfRange);
  return number;
}

Result<std::optional<std::uint16_t>> optional_port(const Json& object) {
  const Json* value = member(object, "peer_port");
  if (value == nullptr) return std::optional<std::uint16_t>();
  const Result<std::uint64_t> port = whole_number(*value, "peer_port", 1, 65535);
  if (!port) return port.error();
  return std::optional(static_cast<std::uint16_t>(*port));
}

Result<ContentId> content_id(const Json& value, const std::string& label) {
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return bad_member(label, "must be a string");
  const std::optional<ContentId> id = ContentId::from_hex(*text);
  if (!id) return bad_member(label, "must be 64 hex digits");
  return *id;
}

Result<std::string> optional_text(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr ? Result<std::string>(std::string()) : text_member(object, name);
}

Result<std::vector<std::string>> optional_texts(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const Json* list = member(object, name);
  if (list == nullptr) return texts;
  if (!list->is_array()) return bad_member(name, "must be a list");
  if (list->empty()) return bad_member(name, "is empty; leave it away or fill it");
  texts.reserve(list->size());
  for (const Json& entry : *list) {
    if (!entry.is_string())
      return bad_member(std::string(name) + "[" + std::to_string(texts.size()) + "]",
                        "must be a string");
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

}  // namespace trueque
