// Reads what is left of a journal: the segments that count, in order, with their frames,
// and whatever is wrong with them. Changes nothing.
//
// The last segment whose header is whole leads; each header names the one before it and
// how many bytes of that one count. Segments nobody names were begun and given up. At the
// end of the last one a torn frame is what a crash leaves: it was never acknowledged.
// Anything else that is no frame is damage.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/journal/journal_format.h"
#include "server/storage/storage_files.h"

namespace trueque {

struct JournalSegment {
  std::uint64_t number = 0;
  std::string path;
  std::string bytes;          // as far as they count
  std::vector<Frame> frames;  // their payloads are in `bytes`
};

struct JournalDamage {
  std::string path;
  DamagedRange range;  // of length 0 where bytes are missing
  std::string what;

  // The sentence: which file, where, and what to do.
  Error error() const;
};

// Where a journal ends, and another segment goes on.
struct JournalTail {
  std::uint64_t number = 0;         // of the last segment that counts; 0: none
  std::uint64_t counted = 0;        // its bytes that do
  std::uint64_t next_sequence = 1;  // of the next frame
  std::uint64_t next_number = 1;    // above all that are there
  std::uint64_t bytes = 0;          // of all segments that count
};

struct JournalContents {
  std::list<JournalSegment> segments;  // oldest first; its elements stay where they are
  std::vector<JournalDamage> damages;
  std::optional<JournalDamage> torn;  // the end of the last segment
  JournalTail tail;

  std::uint64_t bytes() const;
  std::uint64_t frames() const;
};

// `needed_from` is the oldest segment that may not be missing; 0: there may be none.
// An error is one of reading; damage is in the contents.
Result<JournalContents> read_journal(const StorageFiles& files, const std::string& prefix,
                                     std::uint64_t needed_from);

}  // namespace trueque
