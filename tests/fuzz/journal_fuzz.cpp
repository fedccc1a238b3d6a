// A journal of any bytes is read without harm, and what is told of it is consistent: frames
// and damage cover each segment, and frames, written again, are the same bytes. A change of
// one byte costs the frame it is in and no other. Batches of any bytes leave sane tables.
#include <cstdint>
#include <memory>
#include <string>

#include "server/storage/journal/journal_format.h"
#include "server/storage/journal/journal_records.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::testing::require;

constexpr std::uint32_t kSalt = 0x9B3F21C7;

void check_scan(std::string_view segment, std::uint32_t salt) {
  const trueque::SegmentScan scan = trueque::scan_frames(segment, salt, 1);
  std::uint64_t covered = trueque::kSegmentHeaderBytes;
  std::uint64_t sequence = 0;
  for (const trueque::Frame& frame : scan.frames) {
    require(frame.sequence > sequence);
    sequence = frame.sequence;
    const std::string again = trueque::encode_frame(salt, frame.sequence, frame.payload);
    require(segment.substr(frame.offset, again.size()) == again);
    covered += again.size();
  }
  for (const trueque::DamagedRange& range : scan.damaged) covered += range.length;
  require(covered == std::max<std::uint64_t>(segment.size(), trueque::kSegmentHeaderBytes));
}

// The input as the payload of a frame between two others, of which one byte is changed.
void check_change(std::string_view payload, std::uint8_t where) {
  std::string segment(trueque::kSegmentHeaderBytes, '\0');
  segment += trueque::encode_frame(kSalt, 1, "before");
  const std::size_t begin = segment.size();
  segment += trueque::encode_frame(kSalt, 2, payload);
  const std::size_t length = segment.size() - begin;
  segment += trueque::encode_frame(kSalt, 3, "behind");
  require(trueque::scan_frames(segment, kSalt, 1).frames.size() == 3);
  char& changed = segment[begin + where % length];
  changed = static_cast<char>(changed + 1);
  const trueque::SegmentScan scan = trueque::scan_frames(segment, kSalt, 1);
  require(scan.frames.size() == 2 && scan.damaged.size() == 1);
  require(scan.damaged[0].offset == begin && scan.damaged[0].length == length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto header = trueque::decode_segment_header(bytes); header)
    require(bytes.starts_with(trueque::encode_segment_header(*header)));
  const auto salt = trueque::salt_of_first_frame(bytes);
  check_scan(bytes, salt.value_or(kSalt));
  check_change(bytes, size == 0 ? std::uint8_t{0} : data[0]);
  trueque::DirectoryTables tables;
  const bool replayed = trueque::replay_batch(bytes, {}, tables).ok();
  const std::uint64_t files = tables.counts().files;
  if (replayed) require(trueque::replay_batch(bytes, {}, tables).ok());
  if (replayed) require(tables.counts().files == files);
  return 0;
}
