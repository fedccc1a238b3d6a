// By when each connection has to be looked at. A deadline that moves into the future
// costs nothing: the connection is looked at by the old one, and then asked for the
// new. Not synchronised.
#pragma once

#include <chrono>
#include <set>
#include <utility>

#include "server/http/connection.h"

namespace trueque {

class DeadlineQueue {
 public:
  using Time = Connection::Time;

  // Looks at it by its deadline, or sooner.
  void schedule(Connection& connection);
  void forget(Connection& connection);
  // One whose deadline has passed, or nullptr; each comes once, and is to be scheduled
  // again if it goes on.
  Connection* next_expired(Time now);
  // When to look again; Time::max() when there is nothing to look at.
  Time earliest() const { return entries_.empty() ? Time::max() : entries_.begin()->first; }

 private:
  std::set<std::pair<Time, Connection*>> entries_;
};

}  // namespace trueque
