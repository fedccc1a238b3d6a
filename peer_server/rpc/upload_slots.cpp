#include "peer_server/rpc/upload_slots.h"

#include <utility>

namespace trueque {

UploadSlots::UploadSlots(unsigned slots) : free_(slots) {
  for (unsigned i = 0; i < slots; ++i) threads_.emplace_back([this] { run(); });
}

UploadSlots::~UploadSlots() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool UploadSlots::try_start(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (free_ == 0 || stop_) return false;
    --free_;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void UploadSlots::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const Afterwards afterwards = job();
    lock.lock();
    ++free_;
    lock.unlock();
    afterwards();
    lock.lock();
  }
}

}  // namespace trueque
