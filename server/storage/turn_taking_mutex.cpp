#include "server/storage/turn_taking_mutex.h"

namespace trueque {

void TurnTakingMutex::lock() {
  std::unique_lock lock(mutex_);
  if (!writing_ && readers_ == 0) {
    writing_ = true;
    slice_began_ = std::chrono::steady_clock::now();
    return;
  }
  if (waiting_writers_++ == 0) waiting_since_ = std::chrono::steady_clock::now();
  writer_turn_.wait(lock, [this] { return handed_over_; });
  handed_over_ = false;
  --waiting_writers_;
  waiting_since_ = std::chrono::steady_clock::now();  // of those that still wait
  slice_began_ = waiting_since_;
}

void TurnTakingMutex::unlock() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (waiting_readers_ == 0) {
    hand_to_writer();
    return;
  }
  admit_readers();
}

void TurnTakingMutex::admit_readers() {
  readers_ += waiting_readers_;
  waiting_readers_ = 0;
  ++phase_;
  reader_turn_.notify_all();
}

void TurnTakingMutex::let_readers_in() {
  // Only the writer inside looks at this, and only it changes it.
  if (std::chrono::steady_clock::now() - slice_began_ < slice_) return;
  std::unique_lock lock(mutex_);
  if (waiting_readers_ > 0) {
    admit_readers();
    is_between_slices_ = true;
    slice_turn_.wait(lock, [this] { return readers_ == 0; });
    is_between_slices_ = false;
  }
  slice_began_ = std::chrono::steady_clock::now();
}

void TurnTakingMutex::lock_shared() {
  std::unique_lock lock(mutex_);
  const bool may_enter =
      !writing_ &&
      (waiting_writers_ == 0 || std::chrono::steady_clock::now() - waiting_since_ < patience_);
  if (may_enter) {
    ++readers_;
  } else {
    wait_as_reader(lock);
  }
}

void TurnTakingMutex::lock_shared_in_turn() {
  std::unique_lock lock(mutex_);
  if (!writing_ && waiting_writers_ == 0) {
    ++readers_;
  } else {
    wait_as_reader(lock);
  }
}

void TurnTakingMutex::unlock_shared() {
  const std::lock_guard lock(mutex_);
  if (--readers_ > 0) return;
  if (is_between_slices_) {
    slice_turn_.notify_one();
  } else {
    hand_to_writer();
  }
}

// Whoever lets it in counts it among the readers.
void TurnTakingMutex::wait_as_reader(std::unique_lock<std::mutex>& lock) {
  ++waiting_readers_;
  reader_turn_.wait(lock, [this, phase = phase_] { return phase_ != phase; });
}

void TurnTakingMutex::hand_to_writer() {
  if (waiting_writers_ == 0) return;
  writing_ = true;
  handed_over_ = true;
  writer_turn_.notify_one();
}

}  // namespace trueque
