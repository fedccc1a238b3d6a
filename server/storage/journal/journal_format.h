// The journal's bytes. A segment is a header and frames, one for each sync:
//
//   header  "TqJrnl\r\n"  u32 version  u32 salt  u64 number  u64 previous
//           u64 counted of the previous  u64 first sequence  u32 CRC-32 of it all
//   frame   "TqFr"  u32 salt  u32 length  u32 CRC-32  u64 sequence  payload
//
// Numbers are little-endian; a frame's CRC is over its length, sequence and payload. The
// salt is random for each segment: what a peer sends, content ids say, can hold no
// bytes that would be taken for a frame, nor do those of an older file in the same place.
//
// Pure functions; reading accepts any bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace trueque {

struct SegmentHeader {
  std::uint64_t number = 0;
  std::uint64_t previous = 0;  // the segment it follows; 0: none
  std::uint64_t counted = 0;   // bytes of that one that count, the rest never happened
  std::uint64_t first_sequence = 1;
  std::uint32_t salt = 0;

  bool operator==(const SegmentHeader&) const = default;
};

struct Frame {
  std::uint64_t offset = 0;
  std::uint64_t sequence = 0;
  std::string_view payload;  // into the bytes scanned
};

// Bytes that are no frame.
struct DamagedRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct SegmentScan {
  std::vector<Frame> frames;  // in order, their sequences rising
  std::vector<DamagedRange> damaged;
};

inline constexpr std::size_t kSegmentHeaderBytes = 52;
inline constexpr std::size_t kFrameHeaderBytes = 24;

std::string encode_segment_header(const SegmentHeader& header);
// kDataLoss for other bytes; kUnimplemented for a version this program does not know.
Result<SegmentHeader> decode_segment_header(std::string_view bytes);

std::string encode_frame(std::uint32_t salt, std::uint64_t sequence, std::string_view payload);

// All frames behind the header of a segment, also those behind damaged ones.
SegmentScan scan_frames(std::string_view segment, std::uint32_t salt, std::uint64_t first_sequence);

// The salt of a segment whose header is damaged, told by its first frame.
std::optional<std::uint32_t> salt_of_first_frame(std::string_view segment);

}  // namespace trueque
