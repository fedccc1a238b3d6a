#include "server/http/deadline_queue.h"

namespace trueque {

void DeadlineQueue::schedule(Connection& connection) {
  const Time at = connection.deadline();
  if (at >= connection.hooks.scheduled) return;
  forget(connection);
  connection.hooks.scheduled = at;
  entries_.emplace(at, &connection);
}

void DeadlineQueue::forget(Connection& connection) {
  if (connection.hooks.scheduled == Time::max()) return;
  entries_.erase({connection.hooks.scheduled, &connection});
  connection.hooks.scheduled = Time::max();
}

Connection* DeadlineQueue::next_expired(Time now) {
  while (!entries_.empty() && entries_.begin()->first <= now) {
    Connection& connection = *entries_.begin()->second;
    forget(connection);
    if (connection.deadline() <= now) return &connection;
    schedule(connection);
  }
  return nullptr;
}

}  // namespace trueque
