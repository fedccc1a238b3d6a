// One record of the hash cache, as bytes:
//
//   marker "TqH1"  u32 payload length  u64 checksum of the payload
//   payload: u8 kind  u64 size  u64 mtime_ns  u64 inode  content id (32)
//            u32 piece count  u16 name length  name  piece hashes (32 each)
//
// Numbers are little-endian. Decoding accepts any bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/content/content_id.h"
#include "peer_server/core/file_stamp.h"

namespace trueque {

struct HashRecord {
  enum class Kind : std::uint8_t {
    kHashed = 1,      // what the file hashed to
    kRemoved = 2,     // the file of that name is gone
    kUnfinished = 3,  // its first pieces, while the others are still to be hashed; no content id
  };
  Kind kind = Kind::kHashed;
  std::string name;
  FileStamp stamp;
  ContentId id;
  std::uint32_t piece_count = 0;  // of the hashes here; 0 for files of at most one piece
};

inline constexpr std::string_view kHashRecordMarker = "TqH1";
inline constexpr std::size_t kHashRecordHeader = 16;                      // bytes
inline constexpr std::size_t kMaxHashRecordPayload = 64UL * 1024 * 1024;  // bytes

struct EncodedRecord {
  std::string bytes;
  std::size_t pieces_offset = 0;  // of the piece hashes within `bytes`
};

// `pieces` holds more than one hash, or none. Empty bytes when it would be too long.
EncodedRecord encode_record(const HashRecord& record, std::span<const Sha256> pieces);

struct DecodedRecord {
  enum class Kind { kRecord, kNeedMore, kBad };
  Kind kind = Kind::kBad;
  std::size_t length = 0;         // kRecord: bytes used; kNeedMore: bytes needed
  std::size_t pieces_offset = 0;  // from the start of the record
  HashRecord record;
};

// Reads the record at the start of `bytes`.
DecodedRecord decode_record(std::string_view bytes);

}  // namespace trueque
