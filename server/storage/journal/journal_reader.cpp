#include "server/storage/journal/journal_reader.h"

#include <algorithm>
#include <limits>

#include "server/storage/journal/journal_segments.h"

namespace trueque {
namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

// Follows the headers from the newest segment to the oldest.
class ChainReader {
 public:
  ChainReader(const StorageFiles& files, const std::string& prefix, std::uint64_t needed_from)
      : files_(files), prefix_(prefix), needed_from_(needed_from) {}

  Result<JournalContents> read() {
    auto paths = list_segments(files_, prefix_);
    if (!paths) return paths.error();
    paths_ = *std::move(paths);
    if (!paths_.empty()) contents_.tail.next_number = paths_.rbegin()->first + 1;
    auto at = newest();
    if (!at) return at.error();
    counted_ = kAll;
    for (std::uint64_t number = *at; number != 0;) {
      const auto previous = read_segment(number);
      if (!previous) return previous.error();
      number = *previous;
    }
    std::reverse(contents_.damages.begin(), contents_.damages.end());
    if (contents_.segments.empty() && needed_from_ > 0) note_missing(needed_from_);
    contents_.tail.bytes = contents_.bytes();
    return std::move(contents_);
  }

 private:
  // Leaves out those that a crash kept from getting a header. 0 when there is none.
  Result<std::uint64_t> newest() {
    for (auto place = paths_.rbegin(); place != paths_.rend(); ++place) {
      auto bytes = files_.read(place->second);
      if (!bytes) return bytes.error();
      const bool has_header = decode_segment_header(*bytes).ok();
      if (!has_header && bytes->size() <= kSegmentHeaderBytes) continue;
      read_ahead_ = *std::move(bytes);
      return place->first;
    }
    return std::uint64_t{0};
  }

  // Gives the number of the segment before it.
  Result<std::uint64_t> read_segment(std::uint64_t number) {
    const bool is_last = contents_.segments.empty();
    const auto place = paths_.find(number);
    if (place == paths_.end()) {
      if (number >= needed_from_ && needed_from_ > 0) note_missing(number);
      return std::uint64_t{0};
    }
    JournalSegment& segment = contents_.segments.emplace_front();
    segment.number = number;
    segment.path = place->second;
    if (Status status = read_bytes(is_last, segment); !status) return status.error();
    SegmentHeader header;
    if (const auto decoded = decode_segment_header(segment.bytes); decoded) {
      header = *decoded;
    } else if (decoded.error().code == Code::kUnimplemented) {
      return make_error(Code::kUnimplemented, segment.path + ": " + decoded.error().message +
                                                  "; use the newer main-server that wrote it");
    } else {
      header = guess_header(segment, decoded.error().message);
    }
    scan(is_last, header, segment);
    counted_ = header.counted;
    return header.previous;
  }

  Status read_bytes(bool is_last, JournalSegment& segment) {
    if (is_last) {
      segment.bytes = std::move(read_ahead_);
      return {};
    }
    auto bytes = files_.read(segment.path);
    if (!bytes) return bytes.error();
    segment.bytes = *std::move(bytes);
    if (counted_ == kAll || segment.bytes.size() == counted_) return {};
    if (segment.bytes.size() < counted_) {
      note(segment, {segment.bytes.size(), 0},
           "it ends there and should have " + std::to_string(counted_) + " bytes");
    } else {
      segment.bytes.resize(counted_);
    }
    return {};
  }

  SegmentHeader guess_header(const JournalSegment& segment, const std::string& why) {
    note(segment, {0, std::min(segment.bytes.size(), kSegmentHeaderBytes)}, why);
    SegmentHeader header;
    const auto place = paths_.find(segment.number);
    if (place != paths_.begin()) header.previous = std::prev(place)->first;
    header.counted = kAll;
    header.salt = salt_of_first_frame(segment.bytes).value_or(0);
    return header;
  }

  void scan(bool is_last, const SegmentHeader& header, JournalSegment& segment) {
    SegmentScan found = scan_frames(segment.bytes, header.salt, header.first_sequence);
    segment.frames = std::move(found.frames);
    std::uint64_t end = segment.bytes.size();
    for (auto range = found.damaged.rbegin(); range != found.damaged.rend(); ++range) {
      const bool at_the_end = range->offset + range->length == segment.bytes.size();
      if (is_last && at_the_end) {
        contents_.torn = JournalDamage{segment.path, *range, "its end is torn"};
        end = range->offset;
      } else {
        note(segment, *range, "there is no whole record");
      }
    }
    if (!is_last) return;
    JournalTail& tail = contents_.tail;
    tail.number = segment.number;
    tail.counted = end;
    tail.next_sequence = header.first_sequence;
    if (!segment.frames.empty()) tail.next_sequence = segment.frames.back().sequence + 1;
  }

  void note(const JournalSegment& segment, DamagedRange range, std::string what) {
    contents_.damages.push_back({segment.path, range, std::move(what)});
  }
  void note_missing(std::uint64_t number) {
    contents_.damages.push_back({segment_path(prefix_, number), {}, "it is missing"});
  }

  const StorageFiles& files_;
  const std::string prefix_;
  const std::uint64_t needed_from_;
  SegmentPaths paths_;
  std::string read_ahead_;        // of the newest segment
  std::uint64_t counted_ = kAll;  // bytes of the next one to be read
  JournalContents contents_;
};

}  // namespace

Error JournalDamage::error() const {
  return make_error(Code::kDataLoss, path + ": damaged at byte " + std::to_string(range.offset) +
                                         ": " + what +
                                         "; nothing was changed, 'main-server repair' sets the "
                                         "damaged part aside");
}

std::uint64_t JournalContents::bytes() const {
  std::uint64_t sum = 0;
  for (const JournalSegment& segment : segments) sum += segment.bytes.size();
  return sum;
}

std::uint64_t JournalContents::frames() const {
  std::uint64_t sum = 0;
  for (const JournalSegment& segment : segments) sum += segment.frames.size();
  return sum;
}

Result<JournalContents> read_journal(const StorageFiles& files, const std::string& prefix,
                                     std::uint64_t needed_from) {
  return ChainReader(files, prefix, needed_from).read();
}

}  // namespace trueque
