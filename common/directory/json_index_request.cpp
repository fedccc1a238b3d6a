// read_index_quickly() of json_messages.h.
#include <utility>

#include "common/directory/json_messages.h"
#include "common/directory/json_scan.h"

namespace trueque {
namespace {

constexpr unsigned kNone = 0;
// Members of the body.
constexpr unsigned kIp = 1U << 0U, kPort = 1U << 1U, kMode = 1U << 2U, kList = 1U << 3U;
// Members of a file.
constexpr unsigned kName = 1U << 4U, kSize = 1U << 5U, kContentId = 1U << 6U;

unsigned member_of_body(std::string_view key) {
  if (key == "peer_ip") return kIp;
  if (key == "peer_port") return kPort;
  if (key == "mode") return kMode;
  return key == "peer_files" ? kList : kNone;
}

unsigned member_of_file(std::string_view key) {
  if (key == "name") return kName;
  if (key == "size") return kSize;
  return key == "content_id" ? kContentId : kNone;
}

// Gives up where a member is unknown, there twice or of the wrong kind.
class IndexEvents {
 public:
  // Once the text was scanned: whether all is there that must be.
  bool is_complete() const { return (seen_ & (kIp | kList)) == (kIp | kList); }
  IndexMessage take() { return std::move(message_); }

  bool key(std::string_view name) {
    const bool is_of_file = place_ == Place::kFile;
    member_ = is_of_file ? member_of_file(name) : member_of_body(name);
    unsigned& seen = is_of_file ? seen_of_file_ : seen_;
    const bool is_new = member_ != kNone && (seen & member_) == 0;
    seen |= member_;
    return is_new;
  }

  bool string(std::string_view text) {
    if (place_ == Place::kFiles) {
      message_.files.push_back({std::string(text), std::nullopt});
      return true;
    }
    if (place_ == Place::kFile) return string_of_file(text);
    if (place_ != Place::kBody) return false;
    if (member_ == kMode) return mode(text);
    if (member_ != kIp) return false;
    message_.peer.peer_ip = text;
    return true;
  }

  bool number(std::uint64_t value) {
    if (place_ == Place::kFile && member_ == kSize) {
      content_.size = value;
      return value <= kMaxContentSize;
    }
    if (place_ != Place::kBody || member_ != kPort) return false;
    message_.peer.peer_port = static_cast<std::uint16_t>(value);
    return value >= 1 && value <= 65535;
  }

  static bool other() { return false; }

  bool start_object() {
    if (place_ == Place::kStart) return enter(Place::kBody);
    seen_of_file_ = 0;
    return place_ == Place::kFiles && enter(Place::kFile);
  }

  bool end_object() { return place_ == Place::kFile ? end_file() : enter(Place::kEnd); }

  bool start_array() { return place_ == Place::kBody && member_ == kList && enter(Place::kFiles); }
  bool end_array() { return enter(Place::kBody); }

 private:
  enum class Place { kStart, kBody, kFiles, kFile, kEnd };

  bool enter(Place place) {
    place_ = place;
    return true;
  }

  bool mode(std::string_view text) {
    message_.mode = text == "replace"  ? IndexMode::kReplace
                    : text == "remove" ? IndexMode::kRemove
                                       : IndexMode::kAdd;
    return text == "add" || message_.mode != IndexMode::kAdd;
  }

  bool string_of_file(std::string_view text) {
    if (member_ == kName) {
      message_.files.push_back({std::string(text), std::nullopt});
      return true;
    }
    if (member_ != kContentId) return false;
    const auto id = ContentId::from_hex(text);
    if (id) content_.id = *id;
    return id.has_value();
  }

  bool end_file() {
    constexpr unsigned kContent = kSize | kContentId;
    const unsigned content = seen_of_file_ & kContent;
    if ((seen_of_file_ & kName) == 0) return false;
    if (content == kContent) message_.files.back().content = content_;
    return (content == 0 || content == kContent) && enter(Place::kFiles);
  }

  Place place_ = Place::kStart;
  unsigned member_ = kNone;  // that the next value is of
  unsigned seen_ = 0, seen_of_file_ = 0;
  Content content_;
  IndexMessage message_;
};

}  // namespace

std::optional<IndexMessage> read_index_quickly(std::string_view body) {
  IndexEvents events;
  if (!scan_json(body, events) || !events.is_complete()) return std::nullopt;
  return events.take();
}

}  // namespace trueque
