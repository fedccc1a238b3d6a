// A shared mutex that keeps nobody out for good. Short readers may overtake a
// waiting writer, so that look-ups go on while another reader takes a snapshot of
// everything, but only until the writer has waited for `patience`; long readers
// (lock_shared_in_turn) never overtake. When a writer is done, the readers that
// waited for it go first. std::shared_mutex promises none of this, and under
// steady searches shuts writers out for minutes.
//
// Fits std::unique_lock and std::shared_lock. Not recursive.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace trueque {

class TurnTakingMutex {
 public:
  explicit TurnTakingMutex(std::chrono::milliseconds patience = std::chrono::milliseconds(250),
                           std::chrono::microseconds slice = std::chrono::microseconds(300))
      : patience_(patience), slice_(slice) {}

  void lock();
  void unlock();
  // For a writer with much to do, when what readers may see is in order: lets those in
  // that wait, and goes on when they have left. Writers go on waiting. Does nothing
  // unless the writer has been at it for `slice`.
  void let_readers_in();
  void lock_shared();
  void lock_shared_in_turn();
  void unlock_shared();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void wait_as_reader(std::unique_lock<std::mutex>& lock);
  void hand_to_writer();
  void admit_readers();

  const std::chrono::milliseconds patience_;
  const std::chrono::microseconds slice_;
  std::mutex mutex_;
  std::condition_variable reader_turn_;
  std::condition_variable writer_turn_;
  std::condition_variable slice_turn_;
  // All guarded by mutex_.
  std::uint32_t readers_ = 0;          // inside
  bool writing_ = false;               // a writer is inside, or has been handed the lock
  bool handed_over_ = false;           // and has not noticed yet
  std::uint32_t waiting_readers_ = 0;  // let in together when the writer is done
  std::uint32_t waiting_writers_ = 0;
  std::uint64_t phase_ = 0;         // counts how often waiting readers were let in
  bool is_between_slices_ = false;  // the writer inside waits for the readers to leave
  Time slice_began_{};              // of the writer inside
  Time waiting_since_{};            // when the oldest stretch of waiting writers began
};

}  // namespace trueque
