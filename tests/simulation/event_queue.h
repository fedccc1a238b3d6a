// What happens next: events in the order of their time, and of their making where
// that is the same, so that a run repeats. Nothing here waits.
#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "common/base/clock.h"

namespace trueque::simulation {

using Time = Clock::Steady;
using Duration = Clock::Steady::duration;
using std::chrono::milliseconds;

class EventQueue {
 public:
  Time now() const { return now_; }

  void at(Time time, std::function<void()> action) {
    events_.push({std::max(time, now_), count_++, std::move(action)});
  }
  void after(Duration time, std::function<void()> action) { at(now_ + time, std::move(action)); }

  // Until nothing is left or `end`; the number of events.
  std::uint64_t run(Time end) {
    std::uint64_t done = 0;
    for (; !events_.empty() && events_.top().time <= end; ++done) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      event.action();
    }
    return done;
  }

 private:
  struct Event {
    Time time;
    std::uint64_t number;
    std::function<void()> action;

    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };

  Time now_{std::chrono::hours(1)};
  std::uint64_t count_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace trueque::simulation
