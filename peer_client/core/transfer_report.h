// What each source did for a download, and what was fetched in vain: known however the
// download ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trueque {

struct SourceReport {
  std::string label;        // "ana (10.0.0.1:50051)"
  std::uint64_t bytes = 0;  // of verified pieces
  bool lied = false;
  std::string reason;  // why it was left, or failed when it was asked last; empty: it did not
};

struct TransferReport {
  std::vector<SourceReport> sources;  // those that were asked, in the order they were known
  std::uint64_t fetched = 0;          // bytes of verified pieces, this time
  std::uint64_t wasted = 0;           // bytes thrown away
  std::uint64_t wasted_pieces = 0;    // those these bytes are of, each time anew

  // A source that is in here already stays one.
  void add(const SourceReport& source);
  void add(const TransferReport& other);
};

}  // namespace trueque
