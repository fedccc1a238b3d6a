// Ranges of files, read one after another as one stream of bytes, into whatever room there
// is. A file is opened when its turn comes, so that a request for many holds one at a
// time. The first range that cannot be opened or read ends the stream; what came before it
// is whole. For one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/content/content_id.h"
#include "peer_server/core/open_file.h"
#include "peer_server/core/open_part.h"

namespace trueque {

// A whole file, or what is there of a download that goes on.
using ServedFile = std::variant<OpenFile, OpenPart>;

struct FileRange {
  ContentId content;
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;  // bytes
};

class RangeReader {
 public:
  // Opens a file that holds the range.
  using Open = std::function<Result<ServedFile>(const FileRange&)>;
  using Room = std::span<const std::span<std::uint8_t>>;

  RangeReader(std::vector<FileRange> ranges, Open open);

  // The bytes still to come; 0 after a failure.
  std::uint64_t left() const { return left_; }
  // Why a range could not be read.
  const Status& failure() const { return failure_; }

  // Opens the first range's file now, so that its error is known before anything is read.
  Status open_first();
  // Fills the room, which is no more than what is left. How many bytes that were: fewer
  // only after a failure.
  std::size_t read(Room room);

 private:
  Status open_next();
  Status read_some(Room room);
  // Has the disk fetch what comes next.
  void read_ahead() const;
  std::uint64_t left_of_range() const { return range_end_ - position_; }

  std::vector<FileRange> ranges_;
  Open open_;
  std::size_t next_ = 0;  // range to be opened
  std::optional<ServedFile> file_;
  std::uint64_t position_ = 0;   // in the file, bytes
  std::uint64_t range_end_ = 0;  // likewise
  std::uint64_t left_ = 0;
  Status failure_;
};

}  // namespace trueque
