#include "peer_server/rpc/range_reader.h"

#include <algorithm>
#include <utility>

namespace trueque {
namespace {

// What the disk should fetch while a chunk is on its way.
constexpr std::uint64_t kReadAhead = 4UL * 1024 * 1024;

std::size_t bytes_of(RangeReader::Room room) {
  std::size_t sum = 0;
  for (const auto& part : room) sum += part.size();
  return sum;
}

// The part of the room that begins at byte `from` and has `length` bytes.
std::vector<std::span<std::uint8_t>> part_of(RangeReader::Room room, std::size_t from,
                                             std::size_t length) {
  std::vector<std::span<std::uint8_t>> parts;
  for (const auto& each : room) {
    const std::size_t skipped = std::min(from, each.size());
    const std::size_t taken = std::min(length, each.size() - skipped);
    if (taken > 0) parts.push_back(each.subspan(skipped, taken));
    from -= skipped;
    length -= taken;
  }
  return parts;
}

}  // namespace

RangeReader::RangeReader(std::vector<FileRange> ranges, Open open)
    : ranges_(std::move(ranges)), open_(std::move(open)) {
  for (const FileRange& range : ranges_) left_ += range.length;
}

Status RangeReader::open_first() { return open_next(); }

Status RangeReader::open_next() {
  const FileRange& range = ranges_[next_++];
  file_.reset();
  Result<ServedFile> file = open_(range);
  if (!file) return file.error();
  file_.emplace(std::move(*file));
  position_ = range.offset;
  range_end_ = range.offset + range.length;
  // The kernel reads ahead by itself what is smaller.
  if (range.length <= kReadAhead / 32) return {};
  std::visit([](const auto& opened) { opened.expect_in_order(); }, *file_);
  read_ahead();
  return {};
}

void RangeReader::read_ahead() const {
  std::visit(
      [this](const auto& file) { file.expect(position_, std::min(left_of_range(), kReadAhead)); },
      *file_);
}

std::size_t RangeReader::read(Room room) {
  const std::size_t wanted = bytes_of(room);
  std::size_t got = 0;
  while (got < wanted && failure_) {
    if (left_of_range() == 0) failure_ = open_next();
    if (!failure_) break;
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(wanted - got, left_of_range()));
    failure_ = read_some(part_of(room, got, length));
    if (failure_) got += length;
  }
  left_ = failure_ ? left_ - got : 0;
  return got;
}

Status RangeReader::read_some(Room room) {
  const Status read =
      std::visit([&](const auto& file) { return file.read(room, position_); }, *file_);
  if (!read) return read;
  position_ += bytes_of(room);
  if (left_of_range() > kReadAhead / 32) read_ahead();
  return {};
}

}  // namespace trueque
