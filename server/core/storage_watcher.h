// The seam through which storage tells what it does, for the log and for figures. Called
// from the storage's own threads, never with a lock of its held; must not throw, and what
// it takes is time a change waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/error.h"

namespace trueque {

// What was read at the start.
struct StorageRecovery {
  std::uint64_t peers = 0, files = 0;
  std::uint64_t frames = 0;      // of the journal that were replayed
  std::uint64_t bytes = 0;       // of the journal
  std::uint64_t torn_bytes = 0;  // at its end, dropped
  std::string torn_file;         // where they were
  std::chrono::microseconds took{0};
};

struct StorageSync {
  std::uint64_t changes = 0;  // that waited for it
  std::uint64_t bytes = 0;
  std::chrono::microseconds took{0};
};

struct StorageSnapshot {
  std::uint64_t peers = 0, files = 0;
  std::uint64_t bytes = 0;
  std::chrono::microseconds took{0};
};

class StorageWatcher {
 public:
  virtual ~StorageWatcher() = default;
  virtual void recovered(const StorageRecovery& /*what*/) {}
  virtual void synced(const StorageSync& /*what*/) {}
  // Changes were refused; those after them are tried.
  virtual void sync_failed(const Error& /*error*/) {}
  virtual void snapshot_written(const StorageSnapshot& /*what*/) {}
  // Nothing is lost by it: the journal goes on growing, and it is tried again.
  virtual void snapshot_failed(const Error& /*error*/) {}
};

}  // namespace trueque
