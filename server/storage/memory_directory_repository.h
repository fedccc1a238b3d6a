// The directory's state in memory alone: for tests, and as what a change looks
// like where there is nothing to make durable. Any thread.
#pragma once

#include "server/storage/tables_repository.h"

namespace trueque {

class MemoryDirectoryRepository final : public TablesRepository {
 private:
  Status make_durable(std::unique_lock<TurnTakingMutex> lock, Change change) override;
};

}  // namespace trueque
