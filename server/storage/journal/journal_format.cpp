#include "server/storage/journal/journal_format.h"

#include <zlib.h>

namespace trueque {
namespace {

constexpr std::string_view kSegmentMark = "TqJrnl\r\n";
constexpr std::string_view kFrameMark = "TqFr";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSaltAt = 4, kLengthAt = 8, kCrcAt = 12, kSequenceAt = 16;

void put(std::string& out, std::uint64_t number, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<char>(number >> (8 * i) & 0xFFU));
}

std::uint64_t get(std::string_view bytes, std::size_t offset, unsigned count) {
  std::uint64_t number = 0;
  for (unsigned i = count; i > 0; --i)
    number = number << 8U | static_cast<std::uint8_t>(bytes[offset + i - 1]);
  return number;
}

std::uint32_t get32(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(get(bytes, offset, 4));
}

std::uint32_t add_to_crc(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string frame_numbers(std::size_t length, std::uint64_t sequence) {
  std::string numbers;
  put(numbers, length, 4);
  put(numbers, sequence, 8);
  return numbers;
}

std::uint32_t frame_crc(std::uint64_t sequence, std::string_view payload) {
  return add_to_crc(add_to_crc(0, frame_numbers(payload.size(), sequence)), payload);
}

// The frame at `offset`, if one is there.
std::optional<Frame> frame_at(std::string_view segment, std::uint64_t offset, std::uint32_t salt) {
  if (segment.size() - offset < kFrameHeaderBytes) return std::nullopt;
  const std::string_view bytes = segment.substr(offset);
  if (!bytes.starts_with(kFrameMark) || get32(bytes, kSaltAt) != salt) return std::nullopt;
  const std::uint64_t length = get(bytes, kLengthAt, 4);
  if (length > bytes.size() - kFrameHeaderBytes) return std::nullopt;
  const Frame frame{offset, get(bytes, kSequenceAt, 8), bytes.substr(kFrameHeaderBytes, length)};
  if (frame_crc(frame.sequence, frame.payload) != get32(bytes, kCrcAt)) return std::nullopt;
  return frame;
}

std::uint64_t end_of(const Frame& frame) {
  return frame.offset + kFrameHeaderBytes + frame.payload.size();
}

// The first frame at `offset` or behind it whose sequence is at least `least`.
std::optional<Frame> next_frame(std::string_view segment, std::uint64_t offset, std::uint32_t salt,
                                std::uint64_t least) {
  for (std::size_t at = offset; at < segment.size(); ++at) {
    at = segment.find(kFrameMark, at);
    if (at == std::string_view::npos) break;
    const auto frame = frame_at(segment, at, salt);
    if (frame && frame->sequence >= least) return frame;
  }
  return std::nullopt;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string out(kSegmentMark);
  put(out, kVersion, 4);
  put(out, header.salt, 4);
  put(out, header.number, 8);
  put(out, header.previous, 8);
  put(out, header.counted, 8);
  put(out, header.first_sequence, 8);
  put(out, add_to_crc(0, out), 4);
  return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes) {
  constexpr std::size_t kChecked = kSegmentHeaderBytes - 4;
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMark) ||
      add_to_crc(0, bytes.substr(0, kChecked)) != get32(bytes, kChecked)) {
    return make_error(Code::kDataLoss, "its header is damaged");
  }
  const std::uint64_t version = get(bytes, kSegmentMark.size(), 4);
  if (version != kVersion) {
    return make_error(Code::kUnimplemented, "it has version " + std::to_string(version) +
                                                ", this program reads " + std::to_string(kVersion));
  }
  return SegmentHeader{get(bytes, 16, 8), get(bytes, 24, 8), get(bytes, 32, 8), get(bytes, 40, 8),
                       get32(bytes, 12)};
}

std::string encode_frame(std::uint32_t salt, std::uint64_t sequence, std::string_view payload) {
  std::string out;
  out.reserve(kFrameHeaderBytes + payload.size());
  out += kFrameMark;
  put(out, salt, 4);
  put(out, payload.size(), 4);
  put(out, frame_crc(sequence, payload), 4);
  put(out, sequence, 8);
  out += payload;
  return out;
}

SegmentScan scan_frames(std::string_view segment, std::uint32_t salt,
                        std::uint64_t first_sequence) {
  SegmentScan scan;
  std::uint64_t offset = kSegmentHeaderBytes;
  std::uint64_t least = first_sequence;
  while (offset < segment.size()) {
    const auto frame = next_frame(segment, offset, salt, least);
    const std::uint64_t found_at = frame ? frame->offset : segment.size();
    if (found_at > offset) scan.damaged.push_back({offset, found_at - offset});
    if (!frame) break;
    scan.frames.push_back(*frame);
    offset = end_of(*frame);
    least = frame->sequence + 1;
  }
  return scan;
}

std::optional<std::uint32_t> salt_of_first_frame(std::string_view segment) {
  if (segment.size() < kSegmentHeaderBytes + kFrameHeaderBytes) return std::nullopt;
  const std::uint32_t salt = get32(segment, kSegmentHeaderBytes + kSaltAt);
  if (!frame_at(segment, kSegmentHeaderBytes, salt)) return std::nullopt;
  return salt;
}

}  // namespace trueque
