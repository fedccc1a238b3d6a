// The clients there is no place for, which are listened to all the same: who asks
// whether the directory lives gets an answer whatever the crowd. Not synchronised.
#pragma once

#include <chrono>
#include <deque>

#include "common/base/logging.h"
#include "server/http/connection.h"

namespace trueque {

class GuestList {
 public:
  GuestList(std::size_t most, const Log& log) : most_(most), log_(log) {}

  // Who has to go before another may come: the one that came first; nullptr when there
  // is room.
  Connection* in_the_way() const { return guests_.size() < most_ ? nullptr : guests_.front(); }
  std::size_t count() const { return guests_.size(); }
  void add(Connection& guest);
  void remove(const Connection& guest);

 private:
  void note(const Connection& guest);

  const std::size_t most_;
  const Log& log_;
  std::deque<Connection*> guests_;
  Connection::Time last_note_{};
  std::size_t unnoted_ = 0;
};

}  // namespace trueque
