#include "server/storage/turn_taking_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace trueque {
namespace {

TEST(TurnTakingMutex, WritersAreAloneAndNobodyIsLost) {
  TurnTakingMutex mutex;
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        const std::unique_lock lock(mutex);
        ++left;
        ++right;
      }
    });
    threads.emplace_back([&, in_turn = i % 2 == 0] {
      for (int n = 0; n < 1000; ++n) {
        in_turn ? mutex.lock_shared_in_turn() : mutex.lock_shared();
        EXPECT_EQ(left, right);
        mutex.unlock_shared();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left, 3000);
}

TEST(TurnTakingMutex, AShortReaderOvertakesAWaitingWriter) {
  TurnTakingMutex mutex{std::chrono::hours(1)};
  std::shared_lock snapshot(mutex);
  std::thread writer([&] { const std::unique_lock lock(mutex); });
  // Whether the writer waits yet or not, these go through at once.
  for (int i = 0; i < 100; ++i) const std::shared_lock lookup(mutex);
  snapshot.unlock();
  writer.join();
}

// Each reader lets go only when another one is in, so that there is no moment
// without a reader: only taking turns lets the writer in.
void expect_writer_gets_in(void (TurnTakingMutex::*enter)()) {
  TurnTakingMutex mutex;
  std::atomic<bool> written = false;
  std::atomic<int> inside = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!written) {
        (mutex.*enter)();
        ++inside;
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
        while (inside < 2 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        --inside;
        mutex.unlock_shared();
      }
    });
  }
  {
    const std::unique_lock lock(mutex);
    written = true;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(written);
}

TEST(TurnTakingMutex, LongReadersCannotKeepAWriterOut) {
  expect_writer_gets_in(&TurnTakingMutex::lock_shared_in_turn);
}

TEST(TurnTakingMutex, ShortReadersCannotKeepAWriterOutForLong) {
  expect_writer_gets_in(&TurnTakingMutex::lock_shared);
}

// A reader that came while the writer was inside gets in before the writer is done, and
// another writer does not.
TEST(TurnTakingMutex, AWriterWithMuchToDoLetsReadersInAndNoWriter) {
  TurnTakingMutex mutex{std::chrono::hours(1), std::chrono::microseconds(0)};
  std::atomic<bool> has_read = false;
  std::atomic<bool> done = false;
  std::unique_lock writer(mutex);
  std::thread reader([&] {
    const std::shared_lock lock(mutex);
    EXPECT_FALSE(done);
    has_read = true;
  });
  std::thread other_writer([&] {
    const std::unique_lock lock(mutex);
    EXPECT_TRUE(done);
  });
  while (!has_read) mutex.let_readers_in();
  for (int i = 0; i < 100; ++i) mutex.let_readers_in();
  done = true;
  writer.unlock();
  reader.join();
  other_writer.join();
}

TEST(TurnTakingMutex, ManyWritersInSlicesLoseNothing) {
  TurnTakingMutex mutex{std::chrono::milliseconds(1), std::chrono::microseconds(0)};
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 300; ++n) {
        const std::unique_lock lock(mutex);
        for (int step = 0; step < 5; ++step) {
          ++left;
          ++right;
          mutex.let_readers_in();
        }
      }
    });
    threads.emplace_back([&, in_turn = i % 2 == 0] {
      for (int n = 0; n < 1000; ++n) {
        in_turn ? mutex.lock_shared_in_turn() : mutex.lock_shared();
        EXPECT_EQ(left, right);
        mutex.unlock_shared();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left, 3000);
}

}  // namespace
}  // namespace trueque
