// The downloads of one run: which is to begin next, and what came of each. Each is
// wanted, then under way, then done. Plain rules: no thread, no I/O. Not synchronised.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "peer_client/core/download.h"

namespace trueque {

class DownloadQueue {
 public:
  using Item = std::size_t;
  using Outcome = Result<DownloadOutcome>;

  // `once`: of several names of one content one is fetched at a time, so that those after
  // it find it here.
  DownloadQueue(std::vector<FileChoice> choices, bool once);

  // The next one to begin, now under way. Nothing while all that is left waits for a
  // content that is under way, or when none is left.
  std::optional<Item> next();
  // The same for one that the caller picked among the wanted ones; false when it must wait.
  bool take(Item item);
  // An item under way is wanted again, after all others.
  void put_back(Item item);
  void finish(Item item, Outcome outcome);
  // What sources did for the item, in one try of several.
  void report(Item item, const TransferReport& report) { reports_[item].add(report); }
  // Every item that is not done ends so.
  void finish_rest(const Error& error);
  // Takes in those of another run. Both are done.
  void append(DownloadQueue other);
  bool done() const { return done_ == choices_.size(); }

  std::size_t size() const { return choices_.size(); }
  const FileChoice& choice(Item item) const { return choices_[item]; }
  FileChoice& choice(Item item) { return choices_[item]; }
  // Nothing until it is done.
  const std::optional<Outcome>& outcome(Item item) const { return outcomes_[item]; }
  // However it ended.
  const TransferReport& report(Item item) const { return reports_[item]; }

 private:
  enum class State { kWanted, kUnderWay, kDone };

  void leave(Item item, State state);

  std::vector<FileChoice> choices_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::vector<TransferReport> reports_;
  std::vector<State> states_;
  std::deque<Item> wanted_;  // may name one that is no longer wanted
  const bool once_;
  std::size_t done_ = 0;
  std::unordered_set<ContentId, ContentIdHash> under_way_;  // when `once`
  std::unordered_map<ContentId, std::vector<Item>, ContentIdHash> waiting_;
};

}  // namespace trueque
