#include "server/http/fair_queue.h"

namespace trueque {

void FairQueue::push(Connection& connection) {
  if (connection.hooks.queued) return;
  connection.hooks.queued = true;
  ClientAddress& address = connection.address();
  if (address.waiting.empty()) addresses_.push_back(&address);
  address.waiting.push_back(&connection);
}

Connection& FairQueue::pop() {
  ClientAddress& address = *addresses_.front();
  addresses_.pop_front();
  Connection& connection = *address.waiting.front();
  address.waiting.pop_front();
  if (!address.waiting.empty()) addresses_.push_back(&address);
  connection.hooks.queued = false;
  return connection;
}

}  // namespace trueque
