// Removes, about twice a second, what has run out in a directory, on a thread of
// its own that lives as long as the object.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/base/logging.h"
#include "server/core/directory.h"

namespace trueque {

class ExpiryTicker {
 public:
  // The references must outlive it.
  ExpiryTicker(Directory& directory, const Log& log);
  ~ExpiryTicker();
  ExpiryTicker(const ExpiryTicker&) = delete;
  ExpiryTicker& operator=(const ExpiryTicker&) = delete;

 private:
  void run();
  void tick();

  Directory& directory_;
  const Log& log_;
  bool failing_ = false;  // the ticker's thread alone
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace trueque
