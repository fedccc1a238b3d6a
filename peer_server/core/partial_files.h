// The downloads that go on in the shared folder: of each the pieces that are there may
// be given out by content id while the rest is fetched. They are hidden files, shared
// under no name and announced to nobody.
//
// Known is only where a journal is; what it says is read when somebody asks. Any
// thread; no lock is held while reading.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "peer_server/core/folder_root.h"
#include "peer_server/core/open_part.h"

namespace trueque {

struct PartialDetails {
  std::string name;  // the file's, once it is whole
  std::uint64_t size = 0;
  std::vector<Sha256> hashes;  // of all pieces, in order
  std::vector<bool> held;      // by piece
};

class PartialFiles {
 public:
  // Both outlive it.
  PartialFiles(const FolderRoot& root, const Clock& clock) : root_(root), clock_(clock) {}

  // Something happened to the journal of this name: it may be there, or gone. Of more
  // than 256 downloads the others are not given out.
  void look_at(const std::string& journal);
  // The same of all that are known below the folder ("" for all).
  void look_below(const std::string& folder);
  void forget_all();

  // kNotFound. kUnavailable for one that was there until just now: it may be whole, and
  // not hashed yet.
  Result<PartialDetails> find(const ContentId& id);
  // kUnavailable, too, while a piece of the range is missing; kOutOfRange.
  Result<OpenPart> open(const ContentId& id, std::uint64_t offset, std::uint64_t length);

 private:
  struct Entry {
    ContentId content;
    std::uint64_t inode = 0;             // of the journal
    std::shared_ptr<PartPieces> pieces;  // of the part, once somebody asked
    std::uint64_t part_inode = 0;
  };
  // One part as it is now.
  struct Found {
    std::string journal;
    UniqueFd part;
    PartJournal says;
    std::shared_ptr<PartPieces> pieces;
    std::vector<bool> held;
  };

  void forget(const std::string& journal);
  std::vector<std::string> journals_of(const ContentId& id) const;
  Result<Found> find_now(const ContentId& id);
  Result<Found> read(const std::string& journal, const ContentId& id);
  std::shared_ptr<PartPieces> pieces_of(const Found& found, std::uint64_t inode);
  Error none(const ContentId& id) const;

  const FolderRoot& root_;
  const Clock& clock_;
  mutable std::mutex mutex_;              // guards all below
  std::map<std::string, Entry> entries_;  // by journal
  std::set<std::pair<ContentId, std::string>> by_content_;
  std::map<ContentId, Clock::Steady> gone_;  // when
};

}  // namespace trueque
