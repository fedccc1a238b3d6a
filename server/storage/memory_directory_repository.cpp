#include "server/storage/memory_directory_repository.h"

namespace trueque {

Status MemoryDirectoryRepository::make_durable(std::unique_lock<TurnTakingMutex> lock,
                                               Change /*change*/) {
  lock.unlock();
  return {};
}

}  // namespace trueque
