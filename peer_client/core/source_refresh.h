// Asks the directory again and again who has a content: every 10 s while all is well,
// and after about 1, 2, 4, 8 and then every 10 s while a download has nobody to fetch
// from. The question is asked aside; an answer that comes too late is nobody's.
// Not synchronised.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "peer_client/core/aside.h"
#include "peer_client/core/source_book.h"

namespace trueque {

class SourceRefresh {
 public:
  // Fails quietly, with no sources. Refers only to what outlives `aside`'s thread.
  using Ask = std::function<std::vector<TransferSource>()>;

  // With no `ask` or no `aside` there are never any.
  SourceRefresh(RunAside aside, Ask ask, Clock::Steady now);

  // Sources that were named since the last call, if an answer came; asks when it is time.
  std::optional<std::vector<TransferSource>> look(bool deserted, Clock::Steady now);

 private:
  // Shared with the question under way, which may outlive this.
  struct Answer {
    std::mutex mutex;
    std::optional<std::vector<TransferSource>> sources;  // guarded by mutex
  };

  std::optional<std::vector<TransferSource>> take(Clock::Steady now);

  RunAside aside_;
  Ask ask_;
  std::shared_ptr<Answer> asked_;  // while a question is under way
  std::chrono::milliseconds pause_;
  Clock::Steady next_;
  bool deserted_ = false;
};

}  // namespace trueque
