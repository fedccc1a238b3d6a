// Fetches one content into a part file, from one source at a time. Every piece
// is verified before it counts; when a source fails, lies or stalls, the next one
// goes on after the last verified piece, and a source that may do better later
// is tried again. Gives up when no piece was finished for `give_up`,
// three times that while there are sources that were never asked.
// One thread; cancelling comes through the Cancellation.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "peer_client/core/cancellation.h"
#include "peer_client/core/download_observer.h"
#include "peer_client/core/peer_channel.h"
#include "peer_client/core/piece_plan.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

struct TransferSource {
  std::string peer_name;
  PeerEndpoint endpoint;
  std::uint64_t size = 0;  // bytes, as the directory says

  std::string label() const;  // "ana (10.0.0.1:50051)"
};

// What a Transfer works with; all of it outlives the Transfer.
struct TransferContext {
  PeerConnector& peers;
  const Clock& clock;
  const Waiter& wait;
  Cancellation& cancellation;
  DownloadObserver& observer;
  std::chrono::milliseconds give_up;
};

class Transfer {
 public:
  Transfer(const TransferContext& context, const ContentId& content,
           std::vector<TransferSource> sources, const PartFile& part);

  // The size of the content, all of it verified and in the part; else
  //   kDataLoss     no source is left, and one of them lied: it is named
  //   kUnavailable  sources only hang, stay busy or cannot be reached
  //   kNotFound     all that answered no longer have it
  //   kCancelled, or the local disk's kAborted.
  Result<std::uint64_t> run();

  // Sources that have no FileTransfer, known after run().
  std::vector<TransferSource> old_peers() const;
  // Sources that lied, by label.
  std::vector<std::string> liars() const;

 private:
  enum class Fault { kNone, kLied, kUnreachable, kGone, kOld };
  struct Candidate {
    TransferSource source;
    Fault fault = Fault::kNone;
    bool dropped = false;
    bool tried = false;
    bool delivered = false;  // gave at least one good piece
    unsigned failures = 0;   // in a row
    std::string reason;      // of the last failure
    Clock::Steady not_before{};
  };

  // The next candidate to try, after waiting if need be; none when it is over.
  Candidate* next_candidate();
  Status attempt(Candidate& candidate);
  Result<PiecePlan> make_plan(PeerChannel& channel, const TransferSource& source) const;
  Status adopt(PiecePlan plan);
  Status fetch_rest(PeerChannel& channel, Candidate& candidate);
  void judge(Candidate& candidate, const Error& error);
  void drop(Candidate& candidate, Fault fault);
  Error verdict() const;
  bool out_of_time(const Candidate* next) const;
  std::chrono::milliseconds piece_time_limit() const;

  TransferContext context_;
  ContentId content_;
  std::vector<Candidate> candidates_;
  const PartFile& part_;
  PiecePlan plan_;
  bool planned_ = false;
  std::uint64_t verified_ = 0;  // pieces of plan_ in the part
  Status local_error_;
  Clock::Steady last_progress_;
};

}  // namespace trueque
