#include "peer_client/core/download_queue.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

FileChoice named(const std::string& name, std::uint8_t content) {
  ContentId id;
  id.bytes[0] = content;
  return {name, id, 1, {}};
}

Result<DownloadOutcome> fetched() { return DownloadOutcome{}; }

TEST(DownloadQueue, GivesEachItemOnceInOrder) {
  DownloadQueue queue({named("a", 1), named("b", 2)}, true);
  EXPECT_EQ(queue.next(), 0U);
  EXPECT_EQ(queue.next(), 1U);
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.finish(1, fetched());
  EXPECT_FALSE(queue.done());
  queue.finish(0, make_error(Code::kNotFound, "gone"));
  EXPECT_TRUE(queue.done());
  EXPECT_TRUE(queue.outcome(1)->ok());
  EXPECT_EQ(queue.outcome(0)->error().code, Code::kNotFound);
}

TEST(DownloadQueue, OfOneContentOneIsUnderWayAtATime) {
  DownloadQueue queue({named("a", 1), named("copy", 1), named("b", 2)}, true);
  EXPECT_EQ(queue.next(), 0U);
  EXPECT_EQ(queue.next(), 2U);
  EXPECT_EQ(queue.next(), std::nullopt);
  EXPECT_FALSE(queue.take(1));
  queue.finish(0, fetched());
  EXPECT_EQ(queue.next(), 1U);
}

TEST(DownloadQueue, OfOneContentAllAreWhereCopiesAreWanted) {
  DownloadQueue queue({named("a", 1), named("copy", 1)}, false);
  EXPECT_EQ(queue.next(), 0U);
  EXPECT_EQ(queue.next(), 1U);
}

TEST(DownloadQueue, WhatIsPutBackComesAgainAndSoDoesWhoWaitedForIt) {
  DownloadQueue queue({named("a", 1), named("copy", 1)}, true);
  EXPECT_TRUE(queue.take(0));
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.put_back(0);
  EXPECT_EQ(queue.next(), 1U);
  queue.finish(1, fetched());
  EXPECT_EQ(queue.next(), 0U);
}

TEST(DownloadQueue, TheRestEndsTogether) {
  DownloadQueue queue({named("a", 1), named("b", 2), named("c", 1)}, true);
  EXPECT_EQ(queue.next(), 0U);
  queue.finish(0, fetched());
  EXPECT_EQ(queue.next(), 1U);
  queue.finish_rest(make_error(Code::kCancelled, "interrupted"));
  EXPECT_TRUE(queue.done());
  EXPECT_TRUE(queue.outcome(0)->ok());
  EXPECT_EQ(queue.outcome(1)->error().code, Code::kCancelled);
  EXPECT_EQ(queue.outcome(2)->error().code, Code::kCancelled);
}

}  // namespace
}  // namespace trueque
