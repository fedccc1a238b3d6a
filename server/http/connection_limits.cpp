#include "server/http/connection_limits.h"

namespace trueque {

bool ConnectionLimits::admit(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (max_total_ != 0 && total_ >= max_total_) return false;
  std::size_t& own = by_address_[address];
  if (max_per_address_ != 0 && own >= max_per_address_) return false;
  ++own;
  ++total_;
  return true;
}

void ConnectionLimits::release(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return;
  --total_;
  if (--found->second == 0) by_address_.erase(found);
}

}  // namespace trueque
