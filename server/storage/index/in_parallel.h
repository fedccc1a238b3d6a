// Work that several threads do side by side.
#pragma once

#include <atomic>
#include <cstddef>
#include <future>
#include <vector>

namespace trueque {

// Calls work(worker, item) once for each item below `items`; a worker, of which there are so
// many, is one thread, and takes the next item when it is done with one. What `work` throws
// comes out here when all have ended.
template <typename Work>
void in_parallel(std::size_t workers, std::size_t items, Work work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&](std::size_t worker) {
    for (std::size_t item = next++; item < items; item = next++) work(worker, item);
  };
  std::vector<std::future<void>> others;
  for (std::size_t worker = 1; worker < workers; ++worker)
    others.push_back(std::async(std::launch::async, run, worker));
  run(0);
  for (std::future<void>& other : others) other.get();
}

}  // namespace trueque
