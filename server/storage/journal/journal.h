// The journal as it is written: what append() acknowledges is on disk.
//
// A file that failed once is never written to again: what of it reached the disk cannot be
// known any more. The next segment says in its header how much of it counts, so that what
// was refused does not come back after a crash. It is begun at once, or, where the disk
// refuses that as well, by the next append(); so the journal heals when the disk does.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/storage/journal/journal_reader.h"
#include "server/storage/storage_files.h"

namespace trueque {

class Journal {
 public:
  using Salt = std::function<std::uint32_t()>;  // random

  // Goes on behind `tail`. Nothing is written before the first append() or rotate().
  Journal(StorageFiles& files, std::string prefix, const JournalTail& tail, Salt salt);

  // One frame, synced. On failure it never happened, unless the disk refuses the next
  // segment too and the process ends before it takes one.
  Status append(std::string_view payload);
  // Gives the number of a segment with nothing in it yet, which it begins where the last one
  // has something: whatever was appended is in those below.
  Result<std::uint64_t> rotate();
  // Bytes in it since the last rotate().
  std::uint64_t bytes() const { return tail_.bytes; }
  bool is_there() const { return tail_.number != 0; }

 private:
  Status begin_segment();
  Status create(const std::string& path, const SegmentHeader& header);

  StorageFiles& files_;
  const std::string prefix_;
  const Salt salt_;
  JournalTail tail_;
  std::uint32_t current_salt_ = 0;
  std::unique_ptr<AppendFile> file_;  // none: the next append() begins a segment
};

}  // namespace trueque
