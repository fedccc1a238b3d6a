// More clients than there is place for, and clients that take more than their share.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_get;
using testing::RawConnection;
using testing::RawResponse;

constexpr const char* kOk = R"({"status":"ok"})";

TEST(HttpCrowds, TooManyAreToldSo) {
  HttpLimits limits;
  limits.max_connections = 2;
  DirectoryServer server({}, limits);
  RawConnection first(server.port());
  RawConnection second(server.port());
  for (RawConnection* each : {&first, &second}) {
    each->send(raw_get("/healthz"));
    ASSERT_EQ(each->receive().body, kOk);
  }
  RawConnection third(server.port());
  third.send(raw_get("/stats"));
  const RawResponse refused = third.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.json()["code"], "unavailable");
  EXPECT_TRUE(third.ended());
  first.send(raw_get("/healthz"));
  EXPECT_EQ(first.receive().body, kOk);
}

// Who looks after the directory must be able to tell a crowd from a death.
TEST(HttpCrowds, AHealthCheckIsAnsweredWhereThereIsNoPlace) {
  HttpLimits limits;
  limits.max_connections = 1;
  DirectoryServer server({}, limits);
  RawConnection first(server.port());
  first.send(raw_get("/healthz"));
  ASSERT_EQ(first.receive().body, kOk);
  for (int i = 0; i < 3; ++i) {
    RawConnection check(server.port());
    check.send(raw_get("/healthz"));
    const RawResponse response = check.receive();
    EXPECT_EQ(response.body, kOk);
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(check.ended());
  }
}

TEST(HttpCrowds, AHealthCheckGetsThroughACrowdThatSaysNothing) {
  HttpLimits limits;
  limits.max_connections = 1;
  limits.guests = 4;
  limits.times.guest = milliseconds(600'000);
  DirectoryServer server({}, limits);
  std::vector<std::unique_ptr<RawConnection>> crowd;
  for (int i = 0; i < 30; ++i) crowd.push_back(std::make_unique<RawConnection>(server.port()));
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
  EXPECT_EQ(crowd[1]->receive().status, 503);  // the first guest had to make room
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
}

TEST(HttpCrowds, AGuestThatSaysNothingIsToldThatThereIsNoPlace) {
  HttpLimits limits;
  limits.max_connections = 1;
  limits.times.guest = milliseconds(50);
  DirectoryServer server({}, limits);
  RawConnection first(server.port());
  RawConnection guest(server.port());
  const RawResponse response = guest.receive();
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(response.header("Retry-After"));
  EXPECT_TRUE(guest.ended());
}

TEST(HttpCrowds, TogetherTheyHoldNoMoreThanTheLimit) {
  HttpLimits limits;
  limits.held_bytes = 1024 * 1024;
  limits.times.request = milliseconds(600'000);
  DirectoryServer server({}, limits);
  const std::string head = "POST /login HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n";
  std::vector<std::unique_ptr<RawConnection>> large;
  for (int i = 0; i < 3; ++i) {
    large.push_back(std::make_unique<RawConnection>(server.port()));
    large.back()->send(head + std::string(500'000, ' '));
  }
  const std::array<pollfd, 3> entries = [&large] {
    std::array<pollfd, 3> wait{};
    for (std::size_t i = 0; i < wait.size(); ++i) wait[i] = {large[i]->fd(), POLLIN, 0};
    ::poll(wait.data(), wait.size(), 60'000);
    return wait;
  }();
  int refused = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].revents == 0) continue;
    EXPECT_EQ(large[i]->receive().status, 503);
    ++refused;
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
}

// An answer that nobody takes holds up neither the server nor other clients.
TEST(HttpCrowds, WhoTakesNoAnswersIsAskedNothingMore) {
  HttpLimits limits;
  limits.times.write = milliseconds(200);
  DirectoryServer server({}, limits);
  RawConnection deaf(server.port());
  std::string requests;
  for (int i = 0; i < 1'000; ++i) requests += raw_get("/nowhere");
  std::thread sender([&] {
    while (deaf.send(requests)) {
    }
  });
  sender.join();  // it is cut off in the end
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
}

TEST(HttpCrowds, APlaceIsFreeAgainWhenOneLeaves) {
  HttpLimits limits;
  limits.max_connections = 1;
  DirectoryServer server({}, limits);
  for (int i = 0; i < 20; ++i) {
    RawResponse response;
    // The server notices in its own time that the one before has left.
    for (int tries = 0; tries < 1000 && response.status != 401; ++tries)
      response = exchange(server.port(), raw_get("/stats"));
    ASSERT_EQ(response.status, 401);
  }
}

TEST(HttpCrowds, ConnectionsOfOneAddressAreCounted) {
  HttpLimits limits;
  limits.connections_per_address = 1;
  DirectoryServer server({}, limits);
  RawConnection first(server.port());
  first.send(raw_get("/healthz"));
  ASSERT_EQ(first.receive().body, kOk);
  RawConnection second(server.port());
  second.send(raw_get("/stats"));
  EXPECT_EQ(second.receive().status, 503);
}

}  // namespace
}  // namespace trueque
