#include "common/content/content_id.h"

#include <cstring>
#include <functional>

namespace trueque {

std::optional<ContentId> ContentId::from_hex(std::string_view text) {
  ContentId id;
  if (!read_hex(text, id.bytes)) return std::nullopt;
  return id;
}

std::optional<ContentId> ContentId::from_bytes(std::string_view raw) {
  ContentId id;
  if (raw.size() != id.bytes.size()) return std::nullopt;
  std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

std::size_t ContentIdHash::operator()(const ContentId& id) const noexcept {
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

}  // namespace trueque
