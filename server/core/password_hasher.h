// Argon2id through libsodium, on threads of its own that run at a lower priority
// than those answering requests, with a bounded queue: a burst of logins never
// delays a lookup. Any thread may call; the caller waits for its result, which is
// kUnavailable with retry_after when the queue is full or stop() came first.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace trueque {

struct HashCost {
  unsigned long long passes = 2;
  std::size_t memory_bytes = 19UL * 1024 * 1024;
};

class PasswordHasher {
 public:
  PasswordHasher(HashCost cost, std::size_t threads, std::size_t queue_capacity = 256);
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  Result<std::string> hash(const std::string& password);
  Result<bool> verify(const std::string& encoded, const std::string& password);
  // Takes as long as verify() of a wrong password; for names that do not exist.
  Status verify_nothing(const std::string& password);

  // Drops what is queued and refuses what comes later; what is being hashed is
  // finished, though not waited for.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trueque
