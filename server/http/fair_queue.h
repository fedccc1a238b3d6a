// Connections that wait for a turn. Addresses take turns, and so do the connections of
// one address: however many connections somebody opens, others wait for one turn of
// theirs. Not synchronised.
#pragma once

#include <deque>

#include "server/http/connection.h"

namespace trueque {

class FairQueue {
 public:
  // No more than once at a time for each connection.
  void push(Connection& connection);
  // Whose turn it is; only when not empty.
  Connection& pop();
  bool empty() const { return addresses_.empty(); }

 private:
  std::deque<ClientAddress*> addresses_;  // with somebody waiting, each once
};

}  // namespace trueque
