#include "server/storage/state_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "common/directory/json_scan.h"
#include "server/core/request_rules.h"

namespace trueque {
namespace {

// Where in the document an event belongs; each level but kStart has the one before around it.
enum class Level { kStart, kDocument, kPeers, kPeer, kFiles, kFile, kEnd };

enum Member : unsigned {
  kOther = 0,
  kVersion = 1U << 0U,
  kPeerList = 1U << 1U,
  kUsername = 1U << 2U,
  kIp = 1U << 3U,
  kPort = 1U << 4U,
  kFileList = 1U << 5U,
  kName = 1U << 6U,
  kSize = 1U << 7U,
  kContentId = 1U << 8U,
};

Member member_of(Level level, std::string_view key) {
  if (level == Level::kFile) {
    if (key == "name") return kName;
    if (key == "size") return kSize;
    return key == "content_id" ? kContentId : kOther;
  }
  if (level == Level::kPeer) {
    if (key == "username") return kUsername;
    if (key == "peer_ip") return kIp;
    if (key == "peer_port") return kPort;
    return key == "files" ? kFileList : kOther;
  }
  if (key == "version") return kVersion;
  return key == "peers" ? kPeerList : kOther;
}

// Each event gives false where the document is not as it should be, which ends the reading.
class Events {
 public:
  explicit Events(const std::function<void(LoadedPeer&&)>& take) : take_(take) {}

  bool is_complete() const { return level_ == Level::kEnd; }

  bool other() { return is_skipped(); }

  bool number(std::uint64_t value) {
    if (is_skipped()) return true;
    switch (member_) {
      case kVersion:
        return value == 1;
      case kPort:
        peer_.key.port = static_cast<std::uint16_t>(value);
        return value >= 1 && value <= 65535;
      case kSize:
        content_.size = value;
        return value <= kMaxFileSize;
      default:
        return false;
    }
  }

  bool string(std::string_view value) {
    if (is_skipped()) return true;
    switch (member_) {
      case kUsername:
        peer_.key.username = value;
        return validate_username(peer_.key.username).ok();
      case kIp: {
        auto ip = canonical_host(value);
        if (ip) peer_.key.ip = *std::move(ip);
        return ip.ok();
      }
      case kName:
        peer_.files.push_back({std::string(value), std::nullopt});
        return validate_file_name(value).ok();
      case kContentId: {
        const auto id = ContentId::from_hex(value);
        if (id) content_.id = *id;
        return id.has_value();
      }
      default:
        return false;
    }
  }

  bool key(std::string_view value) {
    if (skipping_ > 0) return true;
    member_ = member_of(level_, value);
    unsigned& seen = level_ == Level::kFile   ? seen_of_file_
                     : level_ == Level::kPeer ? seen_of_peer_
                                              : seen_;
    const bool is_again = (seen & member_) != 0;
    seen |= member_;
    return !is_again;
  }

  bool start_object() {
    if (is_member_to_skip()) return skip();
    switch (level_) {
      case Level::kStart:
        return enter(Level::kDocument);
      case Level::kPeers:
        peer_ = {};
        seen_of_peer_ = 0;
        return enter(Level::kPeer);
      case Level::kFiles:
        seen_of_file_ = 0;
        return enter(Level::kFile);
      default:
        return false;
    }
  }

  bool end_object() {
    if (skipping_ > 0) return end_skipped();
    switch (level_) {
      case Level::kDocument:
        return (seen_ & (kVersion | kPeerList)) == (kVersion | kPeerList) && enter(Level::kEnd);
      case Level::kPeer:
        if (seen_of_peer_ != (kUsername | kIp | kPort | kFileList)) return false;
        take_(std::move(peer_));
        return enter(Level::kPeers);
      default:
        return end_file();
    }
  }

  bool start_array() {
    if (is_member_to_skip()) return skip();
    if (level_ == Level::kDocument && member_ == kPeerList) return enter(Level::kPeers);
    if (level_ == Level::kPeer && member_ == kFileList) return enter(Level::kFiles);
    return false;
  }

  bool end_array() {
    if (skipping_ > 0) return end_skipped();
    return enter(level_ == Level::kFiles ? Level::kPeer : Level::kDocument);
  }

 private:
  bool enter(Level level) {
    level_ = level;
    member_ = kOther;
    return true;
  }
  bool has_members() const {
    return level_ == Level::kDocument || level_ == Level::kPeer || level_ == Level::kFile;
  }
  bool is_member_to_skip() const { return skipping_ > 0 || (has_members() && member_ == kOther); }
  // A plain value of a member that is not known here, or within one.
  bool is_skipped() const { return is_member_to_skip(); }
  bool skip() {
    ++skipping_;
    return true;
  }
  bool end_skipped() {
    --skipping_;
    return true;
  }

  bool end_file() {
    constexpr unsigned kContent = kSize | kContentId;
    if ((seen_of_file_ & kName) == 0) return false;
    const unsigned content = seen_of_file_ & kContent;
    if (content != 0 && content != kContent) return false;
    if (content != 0) peer_.files.back().content = content_;
    return enter(Level::kFiles);
  }

  const std::function<void(LoadedPeer&&)>& take_;
  Level level_ = Level::kStart;
  Member member_ = kOther;    // that the next value is of
  std::size_t skipping_ = 0;  // how deep within a member that is not known
  unsigned seen_ = 0, seen_of_peer_ = 0, seen_of_file_ = 0;
  LoadedPeer peer_;
  Content content_;
};

std::size_t count_names(std::string_view text) {
  static constexpr std::string_view kMember = "\"name\"";
  std::size_t count = 0;
  for (std::size_t at = text.find(kMember); at != std::string_view::npos;
       at = text.find(kMember, at + kMember.size()))
    ++count;
  return count;
}

}  // namespace

bool read_state_quickly(std::string_view text, const std::function<void(LoadedPeer&&)>& take) {
  Events events(take);
  return scan_json(text, events) && events.is_complete();
}

std::size_t likely_files(std::string_view text) {
  constexpr std::size_t kSamples = 16;
  constexpr std::size_t kSampled = 64UL * 1024;  // bytes, at each place
  if (text.size() <= kSamples * kSampled) return count_names(text);
  std::size_t count = 0;
  for (std::size_t i = 0; i < kSamples; ++i)
    count += count_names(text.substr(text.size() / kSamples * i, kSampled));
  return count * text.size() / (kSamples * kSampled);
}

}  // namespace trueque
