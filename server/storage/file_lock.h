// One process at a time: an advisory lock on a file that holds the owner's
// process id. Held as long as the object lives; the system releases it when the
// process ends, however it ends. The file itself stays.
#pragma once

#include <string>

#include "common/base/files.h"
#include "common/base/result.h"

namespace trueque {

class FileLock {
 public:
  // kFailedPrecondition, naming the owner, when `subject` is in use already.
  static Result<FileLock> try_lock(const std::string& lock_path, const std::string& subject);
  // Waits for the owner to be done.
  static Result<FileLock> wait_for(const std::string& lock_path);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace trueque
