// The threads that send files: one a slot, each sends one file at a time, so
// memory and disk work are bounded. Any thread may call.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace trueque {

class UploadSlots {
 public:
  // What a job leaves to do once its slot is free again: telling the caller, who may
  // come back at once for more.
  using Afterwards = std::function<void()>;
  using Job = std::function<Afterwards()>;

  explicit UploadSlots(unsigned slots);
  ~UploadSlots();  // waits for the running jobs
  UploadSlots(const UploadSlots&) = delete;
  UploadSlots& operator=(const UploadSlots&) = delete;

  // Starts the job at once; false when every slot is taken.
  bool try_start(Job job);

 private:
  void run();

  std::mutex mutex_;  // guards the next three
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  unsigned free_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace trueque
