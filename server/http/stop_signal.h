// Tells every connection at once that the server stops: a descriptor to poll
// beside a socket, readable from then on, and when that was. raise() once, from
// one thread; the rest from any.
#pragma once

#include <atomic>
#include <chrono>

#include "common/base/files.h"

namespace trueque {

class StopSignal {
 public:
  using Time = std::chrono::steady_clock::time_point;

  StopSignal();

  void raise();
  bool raised() const { return raised_; }
  // When it was raised; only once it was.
  Time since() const { return since_; }
  int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
  Time since_{};  // written before raised_
  std::atomic<bool> raised_ = false;
};

}  // namespace trueque
