// What the event loop decides by: whose turn it is, who is let in, who is late, and
// which thread does the work.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "server/http/client_address.h"
#include "server/http/deadline_queue.h"
#include "server/http/fair_queue.h"
#include "server/http/mailbox.h"
#include "server/http/worker_threads.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class HttpQueues : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> connection(const std::string& ip) {
    return std::make_unique<Connection>(Connection::Client{UniqueFd(), ip, false}, book_.of(ip),
                                        rules_, start_);
  }

  ConnectionRules rules_;
  AddressBook book_{0, 0};
  const Connection::Time start_{seconds(1'000)};
};

TEST_F(HttpQueues, AddressesTakeTurns) {
  FairQueue queue;
  std::vector<std::unique_ptr<Connection>> crowd;
  for (int i = 0; i < 5; ++i) {
    crowd.push_back(connection("10.0.0.1"));
    queue.push(*crowd.back());
    queue.push(*crowd.back());  // is there already
  }
  const auto other = connection("10.0.0.2");
  queue.push(*other);
  EXPECT_EQ(&queue.pop(), crowd[0].get());
  EXPECT_EQ(&queue.pop(), other.get());
  queue.push(*other);
  EXPECT_EQ(&queue.pop(), crowd[1].get());
  EXPECT_EQ(&queue.pop(), other.get());
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(&queue.pop(), crowd[i].get());
  EXPECT_TRUE(queue.empty());
}

TEST_F(HttpQueues, ALateOneComesOnceAndOnlyWhenItIsLate) {
  DeadlineQueue deadlines;
  rules_.times.idle = seconds(60);
  const auto early = connection("10.0.0.1");
  deadlines.schedule(*early);
  EXPECT_EQ(deadlines.earliest(), start_ + seconds(60));
  EXPECT_EQ(deadlines.next_expired(start_ + seconds(59)), nullptr);
  EXPECT_EQ(deadlines.next_expired(start_ + seconds(60)), early.get());
  EXPECT_EQ(deadlines.next_expired(start_ + seconds(60)), nullptr);
  EXPECT_EQ(deadlines.earliest(), Connection::Time::max());
}

TEST_F(HttpQueues, ADeadlineThatCameNearerCounts) {
  DeadlineQueue deadlines;
  const auto one = connection("10.0.0.1");
  deadlines.schedule(*one);
  rules_.stopped = start_;
  deadlines.schedule(*one);
  EXPECT_EQ(deadlines.earliest(), start_ + rules_.times.last_idle);
  deadlines.forget(*one);
  EXPECT_EQ(deadlines.next_expired(start_ + seconds(100)), nullptr);
}

TEST_F(HttpQueues, ADeadlineThatMovedAwayIsAskedForAnew) {
  DeadlineQueue deadlines;
  const auto one = connection("10.0.0.1");
  deadlines.schedule(*one);
  rules_.times.idle = seconds(90);
  EXPECT_EQ(deadlines.next_expired(start_ + seconds(61)), nullptr);
  EXPECT_EQ(deadlines.earliest(), start_ + seconds(90));
}

TEST(AddressBook, CountsAltogetherAndByAddress) {
  AddressBook book(3, 2);
  ClientAddress& one = book.of("10.0.0.1");
  EXPECT_TRUE(book.admit(one));
  EXPECT_TRUE(book.admit(one));
  EXPECT_FALSE(book.admit(one));
  EXPECT_TRUE(book.admit(book.of("10.0.0.2")));
  ClientAddress& third = book.of("10.0.0.3");
  EXPECT_FALSE(book.admit(third));
  book.admit_guest(third);
  book.release(one, false);
  EXPECT_TRUE(book.admit(third));
}

// One host is given 2^64 of them.
TEST(AddressBook, TakesIpv6HostsByTheirNetwork) {
  AddressBook book(0, 1);
  EXPECT_TRUE(book.admit(book.of("2001:db8:1:2::1")));
  EXPECT_FALSE(book.admit(book.of("2001:db8:1:2:ffff::2")));
  EXPECT_TRUE(book.admit(book.of("2001:db8:1:3::1")));
}

TEST(WorkerThreads, TakeNoMoreThanTheirQueueHolds) {
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::promise<void> begun;
  std::atomic<int> done = 0;
  WorkerThreads workers({1, 2, seconds(5)});
  ASSERT_TRUE(workers.run([&] {
    begun.set_value();
    gate.wait();
    ++done;
  }));
  begun.get_future().wait();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(workers.run([&] { ++done; }));
  EXPECT_FALSE(workers.run([&] { ++done; }));
  EXPECT_EQ(workers.thread_count(), 1U);
  open.set_value();
  workers.join();
  EXPECT_EQ(done, 3);
  EXPECT_FALSE(workers.run([] {}));
}

TEST(WorkerThreads, WorkSideBySide) {
  WorkerThreads workers({8, 8, seconds(5)});
  std::promise<void> all;
  std::atomic<int> inside = 0;
  const std::shared_future<void> everybody = all.get_future().share();
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(workers.run([&] {
      if (++inside == 8) all.set_value();
      everybody.wait();  // for ever, were there one thread fewer
    }));
  }
  workers.join();
  EXPECT_EQ(inside, 8);
}

TEST(Mailbox, GivesAllThatWasPostedOnce) {
  Mailbox mailbox;
  mailbox.post({nullptr, {200, "one", {}}});
  mailbox.post({nullptr, {200, "two", {}}});
  const auto letters = mailbox.collect();
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[1].response.body, "two");
  EXPECT_TRUE(mailbox.collect().empty());
}

}  // namespace
}  // namespace trueque
