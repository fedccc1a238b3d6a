#include "peer_server/core/hash_record.h"

#include "common/base/file_name.h"
#include "common/content/piece_layout.h"

namespace trueque {
namespace {

constexpr std::size_t kHashBytes = sizeof(Sha256);
constexpr std::size_t kFixedPayload = 1 + 3 * 8 + kHashBytes + 4 + 2;

// FNV-1a. Guards against torn and rotten records, not against malice: whoever can
// write here can as well change the shared files.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash;
}

void put(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((number >> (8 * i)) & 0xFF));
}

std::uint64_t get(std::string_view bytes, std::size_t offset, int count) {
  std::uint64_t number = 0;
  for (int i = count - 1; i >= 0; --i)
    number = number << 8 | static_cast<std::uint8_t>(bytes[offset + static_cast<std::size_t>(i)]);
  return number;
}

std::string_view as_text(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Whether the record can hold as many piece hashes as it says.
bool piece_count_fits(const HashRecord& record) {
  const std::uint64_t all = PieceLayout(record.stamp.size).piece_count();
  switch (record.kind) {
    case HashRecord::Kind::kHashed:
      return record.piece_count == (all > 1 ? all : 0);
    case HashRecord::Kind::kUnfinished:
      return record.piece_count > 0 && record.piece_count < all;
    case HashRecord::Kind::kRemoved:
      return true;
  }
  return false;  // a kind that is not known here
}

// False when the payload, though undamaged, makes no sense.
bool read_payload(std::string_view payload, HashRecord& record) {
  if (payload.size() < kFixedPayload) return false;
  record.kind = static_cast<HashRecord::Kind>(payload[0]);
  record.stamp.size = get(payload, 1, 8);
  record.stamp.mtime_ns = static_cast<std::int64_t>(get(payload, 9, 8));
  record.stamp.inode = get(payload, 17, 8);
  record.id = *ContentId::from_bytes(payload.substr(25, kHashBytes));
  record.piece_count = static_cast<std::uint32_t>(get(payload, 57, 4));
  const std::size_t name_length = get(payload, 61, 2);
  const std::uint64_t pieces = std::uint64_t{record.piece_count} * kHashBytes;
  if (payload.size() != kFixedPayload + name_length + pieces) return false;
  record.name = payload.substr(kFixedPayload, name_length);
  if (record.stamp.size > kMaxFileSize || !piece_count_fits(record)) return false;
  return validate_file_name(record.name).ok();
}

}  // namespace

EncodedRecord encode_record(const HashRecord& record, std::span<const Sha256> pieces) {
  const std::size_t length = kFixedPayload + record.name.size() + pieces.size() * kHashBytes;
  if (length > kMaxHashRecordPayload) return {};
  std::string payload;
  payload.reserve(length);
  put(payload, static_cast<std::uint8_t>(record.kind), 1);
  put(payload, record.stamp.size, 8);
  put(payload, static_cast<std::uint64_t>(record.stamp.mtime_ns), 8);
  put(payload, record.stamp.inode, 8);
  payload += as_text(record.id.bytes);
  put(payload, pieces.size(), 4);
  put(payload, record.name.size(), 2);
  payload += record.name;
  const std::size_t pieces_offset = kHashRecordHeader + payload.size();
  for (const Sha256& piece : pieces) payload += as_text(piece);
  std::string bytes(kHashRecordMarker);
  put(bytes, payload.size(), 4);
  put(bytes, checksum(payload), 8);
  return {bytes + payload, pieces_offset};
}

DecodedRecord decode_record(std::string_view bytes) {
  using Kind = DecodedRecord::Kind;
  if (bytes.size() < kHashRecordHeader) return {Kind::kNeedMore, kHashRecordHeader, 0, {}};
  if (!bytes.starts_with(kHashRecordMarker)) return {};
  const std::size_t length = get(bytes, 4, 4);
  if (length > kMaxHashRecordPayload) return {};
  if (bytes.size() < kHashRecordHeader + length)
    return {Kind::kNeedMore, kHashRecordHeader + length, 0, {}};
  const std::string_view payload = bytes.substr(kHashRecordHeader, length);
  DecodedRecord decoded;
  if (get(bytes, 8, 8) != checksum(payload) || !read_payload(payload, decoded.record)) return {};
  decoded.kind = Kind::kRecord;
  decoded.length = kHashRecordHeader + length;
  decoded.pieces_offset = kHashRecordHeader + kFixedPayload + decoded.record.name.size();
  return decoded;
}

}  // namespace trueque
