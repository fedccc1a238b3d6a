// A download's seat among those of others that fetch the same content: says again and
// again to the directory that it is there, and hears who else is. Asked soon at first, as
// those who begin together hear of each other late. The question is asked aside, as those
// of SourceRefresh are. Not synchronised.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "peer_client/core/aside.h"
#include "peer_client/core/source_book.h"

namespace trueque {

// Who else fetches the same content now, as the directory says.
struct SwarmNews {
  std::vector<TransferSource> peers;  // with a part, none of them oneself
  std::size_t rank = 0;               // one's own place among them all, from 0
  std::chrono::milliseconds renew{10'000};
};

class SwarmSeat {
 public:
  // Both empty where no seat is to be taken. They refer only to what outlives `aside`'s
  // thread.
  struct Asks {
    // kUnimplemented from a directory that knows no downloads.
    std::function<Result<SwarmNews>()> join;
    std::function<void()> leave;
  };

  SwarmSeat(RunAside aside, Asks asks) : aside_(std::move(aside)), asks_(std::move(asks)) {}

  bool wanted() const { return aside_ && asks_.join; }
  // News that came since the last call, none of anybody where the directory failed; asks
  // when it is time.
  std::optional<SwarmNews> look(Clock::Steady now);
  // Whether those who began when we did may not have been heard of yet.
  bool may_hear_of_more() const { return wanted() && answers_ < kFirstAnswers; }
  // Gives up a seat that was taken.
  void leave();

 private:
  // Shared with the question under way, which may outlive this.
  struct Answer {
    std::mutex mutex;
    std::optional<Result<SwarmNews>> news;  // guarded by mutex
  };

  static constexpr unsigned kFirstAnswers = 3;

  RunAside aside_;
  Asks asks_;
  std::shared_ptr<Answer> asked_;  // while a question is under way
  std::chrono::milliseconds pause_{1'000};
  Clock::Steady next_{};
  bool seated_ = false;
  unsigned answers_ = 0;
};

}  // namespace trueque
