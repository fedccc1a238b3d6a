// The small files of a queue that one source is asked for: says which to fetch next,
// checks what arrives and lands it. Used by one thread; the queue is shared with other
// lanes, under `mutex`.
#pragma once

#include <deque>
#include <mutex>
#include <unordered_map>

#include "peer_client/core/landing_batch.h"
#include "peer_client/core/small_files.h"

namespace trueque {

// What the lanes of a queue share.
struct SmallFileWork {
  const SmallFileParts& parts;
  DownloadQueue& queue;
  QueueObserver& observer;  // takes calls of any thread
  std::mutex& mutex;        // guards the queue
  const SmallFileTerms& terms;
  Cancellation& cancellation;
};

class SmallFileLane final : public WholeFiles {
 public:
  SmallFileLane(const SmallFileWork& work, TransferSource source);

  const TransferSource& source() const { return source_; }
  void add(DownloadQueue::Item item) { items_.push_back(item); }
  std::size_t length() const { return items_.size(); }
  // Before each fetch_files(): waits until a limit lets more bytes go. False when there is
  // nothing more to fetch from this source.
  bool wait_for_turn();
  // Lands what is left; after the last file has been told.
  void end();
  // The source failed or lied: it was not asked for all of them.
  bool gave_up() const { return stopped_; }

  std::optional<WholeFile> next() override;
  void arrived(const WholeFile& file, std::span<const std::uint8_t> bytes) override;
  void failed(const WholeFile& file, const Error& error) override;

 private:
  using Item = DownloadQueue::Item;

  // Where the item is to be fetched to; nothing when that is settled already.
  std::optional<LandingBatch::File> prepare(Item item);
  void land(LandingBatch::File file, std::span<const std::uint8_t> bytes);
  void flush_when_due();
  void flush();
  void finish(Item item, DownloadQueue::Outcome outcome, const TransferReport& report = {});
  void put_back(Item item, const TransferReport& report = {});

  const SmallFileWork work_;
  const TransferSource source_;
  std::deque<Item> items_;
  std::unordered_map<Item, LandingBatch::File> under_way_;
  LandingBatch batch_;
  std::uint64_t portion_ = 0;  // bytes that may still be asked for in this turn
  bool stopped_ = false;       // the source is not to be asked for more
};

}  // namespace trueque
