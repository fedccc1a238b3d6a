#include "peer_server/core/hash_cache_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/files.h"

namespace trueque {
namespace {

constexpr std::size_t kReadSize = 256UL * 1024;
// Each look for the next marker may check a long record for nothing; a file this
// rotten is not worth the time.
constexpr std::uint64_t kMaxDamage = 1'000;

}  // namespace

Result<std::optional<HashCacheReader::Item>> HashCacheReader::next() {
  std::size_t wanted = kHashRecordHeader;
  while (damaged_ < kMaxDamage) {
    if (Status filled = fill(wanted); !filled) return filled.error();
    const std::string_view rest = std::string_view(window_).substr(position_);
    if (rest.empty()) return std::optional<Item>();
    DecodedRecord decoded = decode_record(rest);
    const bool more_exists = window_offset_ + position_ + decoded.length <= file_size_;
    if (decoded.kind == DecodedRecord::Kind::kNeedMore && more_exists &&
        rest.size() < decoded.length) {
      wanted = decoded.length;
      continue;
    }
    if (decoded.kind == DecodedRecord::Kind::kRecord) {
      const std::uint64_t offset = window_offset_ + position_;
      position_ += decoded.length;
      valid_end_ = offset + decoded.length;
      return std::optional<Item>(
          Item{std::move(decoded.record), offset, decoded.length, offset + decoded.pieces_offset});
    }
    if (!skip_damage()) return std::optional<Item>();
    wanted = kHashRecordHeader;
  }
  return std::optional<Item>();
}

// Moves to the next marker, at least one byte on; false at the end of the file.
bool HashCacheReader::skip_damage() {
  ++damaged_;
  ++position_;
  while (true) {
    const std::size_t found = window_.find(kHashRecordMarker, position_);
    if (found != std::string::npos) {
      position_ = found;
      return true;
    }
    // A marker may begin in the last bytes and end beyond the window.
    const std::size_t tail = kHashRecordMarker.size() - 1;
    position_ = std::max(position_, window_.size() > tail ? window_.size() - tail : 0);
    const std::size_t before = window_.size() - std::min(position_, window_.size());
    if (!fill(before + kReadSize).ok()) return false;
    if (window_.size() - position_ <= before) return false;
  }
}

Status HashCacheReader::fill(std::size_t wanted) {
  if (window_.size() - position_ >= wanted) return {};
  window_.erase(0, position_);
  window_offset_ += position_;
  position_ = 0;
  while (window_.size() < wanted) {
    const std::size_t had = window_.size();
    const std::uint64_t at = window_offset_ + had;
    if (at >= file_size_) return {};
    const std::size_t size = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(kReadSize, wanted - had), file_size_ - at));
    window_.resize(had + size);
    const ssize_t got = ::pread(fd_, window_.data() + had, size, static_cast<off_t>(at));
    const int failure = errno;
    window_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && failure == EINTR) continue;
    if (got < 0) return system_error("read", "the hash cache", failure);
    if (got == 0) return {};
  }
  return {};
}

}  // namespace trueque
