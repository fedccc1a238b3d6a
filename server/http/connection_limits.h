// How many connections there may be, altogether and from one address. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace trueque {

class ConnectionLimits {
 public:
  // Zero: no limit.
  ConnectionLimits(std::size_t total, std::size_t per_address)
      : max_total_(total), max_per_address_(per_address) {}

  // Counts one more connection, unless it is one too many.
  bool admit(const std::string& address);
  // For each one admitted.
  void release(const std::string& address);

 private:
  const std::size_t max_total_;
  const std::size_t max_per_address_;
  std::mutex mutex_;
  std::size_t total_ = 0;                          // guarded by mutex_
  std::map<std::string, std::size_t> by_address_;  // guarded by mutex_
};

}  // namespace trueque
