#include "server/core/password_hasher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace trueque {
namespace {

constexpr HashCost kCheap{1, 8192};

TEST(PasswordHasher, VerifiesThePasswordItHashed) {
  PasswordHasher hasher(kCheap, 1);
  const std::string password("p\0ss wörd", 10);
  const auto encoded = hasher.hash(password);
  ASSERT_TRUE(encoded.ok());
  EXPECT_TRUE(encoded->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *encoded;
  EXPECT_TRUE(hasher.verify(*encoded, password).value_or(false));
  EXPECT_FALSE(hasher.verify(*encoded, "p").value_or(true));
  EXPECT_FALSE(hasher.verify(*encoded, "").value_or(true));
  EXPECT_NE(hasher.hash(password).value_or(""), *encoded) << "each has a salt of its own";
  EXPECT_TRUE(hasher.verify_nothing(password).ok());
}

TEST(PasswordHasher, TheEncodedFormCarriesItsCost) {
  PasswordHasher cheap(kCheap, 1);
  PasswordHasher dearer({2, 16384}, 1);
  EXPECT_TRUE(dearer.verify(cheap.hash("x").value_or(""), "x").value_or(false));
}

TEST(PasswordHasher, WhatIsNoHashMatchesNothing) {
  PasswordHasher hasher(kCheap, 1);
  for (const char* bad : {"", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"}) {
    EXPECT_FALSE(hasher.verify(bad, "x").value_or(true)) << bad;
  }
}

// Far more at once than one thread and one place in the queue can take.
TEST(PasswordHasher, AFullQueueIsTooBusyAndSaysWhenToComeBack) {
  PasswordHasher hasher({3, 32UL * 1024 * 1024}, 1, 1);
  std::atomic<int> hashed = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto result = hasher.hash("x");
      if (result.ok()) {
        ++hashed;
      } else if (result.error().code == Code::kUnavailable && result.error().retry_after) {
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(hashed + refused, 16);
  EXPECT_GT(hashed, 0);
}

TEST(PasswordHasher, StoppingDropsWhatIsQueuedAndRefusesTheRest) {
  PasswordHasher hasher({3, 32UL * 1024 * 1024}, 1, 8);
  std::atomic<int> refused = 0;
  std::atomic<int> hashed = 0;
  std::atomic<int> dropped = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto result = hasher.hash("x");
      if (result.ok()) {
        ++hashed;
      } else if (result.error().message.find("shutting down") == std::string::npos) {
        ++refused;
      } else if (result.error().code == Code::kUnavailable && result.error().retry_after) {
        ++dropped;
      }
    });
  }
  while (refused == 0) std::this_thread::yield();  // so eight are waiting
  hasher.stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(hashed + refused + dropped, 16);
  EXPECT_GT(dropped, 0);
  const auto late = hasher.verify("$argon2id$", "x");
  EXPECT_EQ(late.error().code, Code::kUnavailable);
  EXPECT_TRUE(late.error().retry_after);
}

}  // namespace
}  // namespace trueque
