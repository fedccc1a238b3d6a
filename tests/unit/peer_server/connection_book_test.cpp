#include "peer_server/core/connection_book.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using Book = ConnectionBook;

class ConnectionBookTest : public ::testing::Test {
 protected:
  // "3 admitted", or who had to go: "3 for 1", or nothing.
  std::string add(Book::Id id, const std::string& address) {
    const Book::Admission admission = book_.add(id, address);
    if (!admission.admitted) return "";
    return std::to_string(id) +
           (admission.displaced ? " for " + std::to_string(*admission.displaced) : " admitted");
  }

  testing::ManualClock clock_;
  Book book_{4, clock_};
};

TEST_F(ConnectionBookTest, WhoHasMostMakesRoomForOthersAndNotForItself) {
  for (Book::Id id = 1; id <= 4; ++id) EXPECT_NE(add(id, "a"), "");
  EXPECT_EQ(add(5, "a"), "");
  EXPECT_EQ(add(6, "b"), "6 for 1");
  EXPECT_EQ(add(7, "b"), "7 for 2");
  EXPECT_EQ(add(8, "b"), "");
  EXPECT_EQ(add(9, "c"), "9 for 3");
  EXPECT_EQ(add(10, "d"), "10 for 6");
  EXPECT_EQ(add(11, "e"), "");  // one each
  EXPECT_EQ(book_.size(), 4U);
}

TEST_F(ConnectionBookTest, TheOneThatWasQuietLongestGoes) {
  for (Book::Id id = 1; id <= 4; ++id) add(id, "a");
  EXPECT_TRUE(book_.traffic(1, 100, 0));
  EXPECT_EQ(add(5, "b"), "5 for 2");
  EXPECT_EQ(book_.of_same_address(1), (std::vector<Book::Id>{3, 4, 1}));
}

TEST_F(ConnectionBookTest, ThereIsRoomAgainWhenOneIsGone) {
  for (Book::Id id = 1; id <= 4; ++id) add(id, "a");
  book_.remove(2);
  EXPECT_EQ(add(5, "a"), "5 admitted");
}

TEST_F(ConnectionBookTest, WhoSendsFarTooMuchIsKeptOutForAWhile) {
  add(1, "a");
  add(2, "a");
  add(3, "b");
  EXPECT_TRUE(book_.traffic(1, Book::kBurst / 2, 0));
  EXPECT_FALSE(book_.traffic(2, Book::kBurst, 0));  // of the address, not of the connection
  EXPECT_EQ(book_.of_same_address(2).size(), 2U);
  book_.remove(1);
  book_.remove(2);
  EXPECT_EQ(add(4, "a"), "");
  EXPECT_TRUE(book_.traffic(3, Book::kBurst / 2, 0));
  clock_.advance(Book::kBan);
  EXPECT_EQ(add(4, "a"), "4 admitted");
}

TEST_F(ConnectionBookTest, ComingBackDoesNotBeginAnew) {
  std::uint64_t sent = 0;
  Book::Id id = 0;
  while (book_.add(++id, "a").admitted && book_.traffic(id, 1000, 0)) {
    sent += 1000;
    book_.remove(id);
    ASSERT_LE(sent, Book::kBurst);
  }
  EXPECT_GE(sent, Book::kBurst / 2);
}

// Of many small files each takes a request; what is answered counts for it.
TEST_F(ConnectionBookTest, RequestsThatAreAnsweredCountForHalf) {
  add(1, "a");
  std::uint64_t sent = 0;
  for (int tenth = 1; tenth <= 100; ++tenth) {
    sent += Book::kRate * 3 / 2 / 10;
    EXPECT_TRUE(book_.traffic(1, sent, 100 * sent));
    clock_.advance(std::chrono::milliseconds(100));
  }
  EXPECT_FALSE(book_.traffic(1, sent + 4 * Book::kBurst, 100 * sent));
}

TEST_F(ConnectionBookTest, ManyWhoCameOnceAreForgotten) {
  for (Book::Id id = 1; id <= 10'000; ++id) {
    EXPECT_TRUE(book_.add(id, std::to_string(id)).admitted);
    book_.remove(id);
    clock_.advance(std::chrono::milliseconds(1));
  }
  EXPECT_LE(book_.callers(), 1'000U);
}

}  // namespace
}  // namespace trueque
