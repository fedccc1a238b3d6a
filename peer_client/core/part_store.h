// A download on disk while it goes on: the part file and, for a content of several
// pieces, the journal of the verified ones beside it (".part.pieces"). Any thread
// may write its own range and note pieces; the rest is for one thread.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "common/content/part_journal.h"
#include "peer_client/core/cancellation.h"
#include "peer_client/core/piece_plan.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

class PartStore {
 public:
  // Takes up the part of this content that is to be called `name`, or one in the
  // folder that was to have another name; makes one where there is none.
  // kFailedPrecondition when another client is at it.
  static Result<PartStore> open(const TargetFolder& folder, const std::string& name,
                                const ContentId& content);
  // The same of one that is open and locked already.
  static Result<PartStore> open(const TargetFolder& folder, PartFile part,
                                const ContentId& content);
  PartStore(PartStore&&) noexcept;

  // What an earlier run learnt of the content, checked against its id.
  const std::optional<PiecePlan>& known_plan() const { return plan_; }

  // From now on `plan` holds: finds out whether there is room, and which pieces are there
  // already: those the journal names or, with a journal that does not belong to
  // this content, all. kAborted, saying how much is missing, when the disk is too
  // full. kCancelled.
  Result<std::vector<std::uint64_t>> begin(const PiecePlan& plan, const Cancellation& cancellation);

  // Reserves the room for these bytes of the part, where the file system can; a step at a
  // time, since one in memory takes as long for it as a copy does. kAborted when there is
  // none. Beside writes of other threads.
  Status reserve(std::uint64_t offset, std::uint64_t length) const;

  Status write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) const {
    return part_.write_at(offset, bytes);
  }
  // A place for a second copy of a piece: two lanes never write the same place.
  Result<PartFile> open_scratch() const { return folder_.open_scratch(); }
  // Copies `length` bytes from the start of `scratch` to `offset` of the part.
  Status copy_from(const PartFile& scratch, std::uint64_t offset, std::uint64_t length) const;
  // The piece is in the part and right. Where the journal cannot be written it goes
  // unnoted, and a later run fetches it again.
  void note(std::uint64_t piece);

  // Durable, and of its final size.
  Status finish(std::uint64_t size) const { return part_.finish(size); }
  const PartFile& part() const { return part_; }
  // Removes part and journal.
  void remove() const;
  void remove_journal() const;
  // Whether anything in here may be worth keeping: pieces of this run, or whatever an
  // earlier one left. A part without a journal was perhaps never looked at.
  bool holds_anything() const { return kept_ > 0 || left_by_earlier_run_; }

 private:
  PartStore(const TargetFolder& folder, PartFile part, const ContentId& content);

  void read_journal();
  Status find_room(const PiecePlan& plan) const;
  Result<std::vector<std::uint64_t>> look(const PiecePlan& plan,
                                          const std::vector<std::uint64_t>& pieces,
                                          const Cancellation& cancellation) const;
  Status start_journal(const PiecePlan& plan, const std::vector<std::uint64_t>& pieces);

  const TargetFolder& folder_;
  PartFile part_;
  ContentId content_;
  std::optional<PiecePlan> plan_;
  bool left_by_earlier_run_ = false;
  std::mutex mutex_;                    // guards the next four, once begun
  std::vector<std::uint64_t> claimed_;  // by the journal, or noted since
  std::optional<PartFile> journal_;
  std::uint64_t journal_end_ = 0;  // bytes
  std::uint64_t kept_ = 0;         // pieces
};

}  // namespace trueque
