// Answers on their way back from the threads that made them to the one that owns the
// sockets, and a descriptor that is readable once there is one. Any thread may post
// and wake; one collects.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "common/base/files.h"
#include "server/http/http_message.h"

namespace trueque {

class Connection;

class Mailbox {
 public:
  struct Letter {
    Connection* to = nullptr;
    HttpResponse response;
  };

  Mailbox();

  void post(Letter letter);
  // Makes the descriptor readable, for news of another kind.
  void wake();
  // All there is; the descriptor is quiet again.
  std::vector<Letter> collect();
  int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
  std::mutex mutex_;
  std::vector<Letter> letters_;  // guarded by mutex_
};

}  // namespace trueque
