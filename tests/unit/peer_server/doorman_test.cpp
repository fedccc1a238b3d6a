// The door of a peer-server, over real connections.
#include "peer_server/rpc/doorman.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

class DoormanTest : public ::testing::Test {
 protected:
  void open(std::size_t most) {
    doorman_.emplace(most, clock_, [this](UniqueFd connection) {
      const std::lock_guard lock(mutex_);
      admitted_.push_back(std::move(connection));
      changed_.notify_all();
    });
    const Result<std::uint16_t> port = doorman_->listen("127.0.0.1", 0);
    ASSERT_TRUE(port.ok());
    port_ = *port;
    doorman_->start();
  }
  UniqueFd call(const char* from = "127.0.0.1") const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    address.sin_port = htons(port_);
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  bool wait_for_admitted(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, testing::kPatience, [&] { return admitted_.size() >= count; });
  }
  // Waits for the one or the other; whether it was admitted.
  bool admitted_or_ended(const UniqueFd& fd) {
    std::unique_lock lock(mutex_);
    pollfd now{fd.get(), POLLIN, 0};
    while (admitted_.empty() && ::poll(&now, 1, 0) == 0)
      changed_.wait_for(lock, std::chrono::milliseconds(1));
    return !admitted_.empty();
  }
  // Whether the other side closes the connection.
  static bool ends(const UniqueFd& fd) {
    pollfd waiting{fd.get(), POLLIN, 0};
    constexpr auto kMost = std::chrono::milliseconds(testing::kPatience).count();
    return ::poll(&waiting, 1, static_cast<int>(kMost)) == 1;
  }
  // What gRPC does with one that ends.
  void close_admitted() {
    const std::lock_guard lock(mutex_);
    for (const UniqueFd& each : admitted_) ::shutdown(each.get(), SHUT_RDWR);
    admitted_.clear();
  }

  SystemClock clock_;
  std::mutex mutex_;  // guards admitted_
  std::condition_variable changed_;
  std::vector<UniqueFd> admitted_;
  std::optional<Doorman> doorman_;
  std::uint16_t port_ = 0;
};

TEST_F(DoormanTest, OfTooManyTheOneWhoHasMostMakesRoom) {
  open(3);
  const std::array greedy = {call(), call(), call()};
  ASSERT_TRUE(wait_for_admitted(3));
  const UniqueFd fourth = call();
  EXPECT_TRUE(ends(fourth));
  const UniqueFd other = call("127.0.0.2");
  EXPECT_TRUE(wait_for_admitted(4));
  EXPECT_TRUE(ends(greedy.front()));
}

TEST_F(DoormanTest, OneThatEndedMakesRoom) {
  open(1);
  for (int i = 0; i < 3; ++i) {
    // Its end is seen within a tick; until then the next is turned away.
    UniqueFd caller = call();
    while (!admitted_or_ended(caller)) caller = call();
    close_admitted();
  }
}

TEST_F(DoormanTest, WhoSendsFarTooMuchIsCutOffAndKeptOut) {
  open(10);
  const UniqueFd flood = call();
  const UniqueFd beside = call();
  const UniqueFd other = call("127.0.0.2");
  ASSERT_TRUE(wait_for_admitted(3));
  std::string sink(1 << 20, '\0');
  std::thread reader([&] {
    pollfd waiting{admitted_[0].get(), POLLIN, 0};
    while (::poll(&waiting, 1, -1) == 1 && ::read(waiting.fd, sink.data(), sink.size()) > 0) {
    }
  });
  const std::string rubbish(64 * 1024, 'x');
  while (::send(flood.get(), rubbish.data(), rubbish.size(), MSG_NOSIGNAL) > 0) {
  }
  reader.join();
  EXPECT_TRUE(ends(beside));
  EXPECT_TRUE(ends(call()));
  pollfd quiet{other.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&quiet, 1, 0), 0);
}

TEST_F(DoormanTest, HangsUpOnOneAlone) {
  open(10);
  const UniqueFd one = call();
  const UniqueFd other = call();
  ASSERT_TRUE(wait_for_admitted(2));
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(one.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  doorman_->hang_up("127.0.0.1", ntohs(address.sin_port));
  doorman_->hang_up("127.0.0.7", 7);
  EXPECT_TRUE(ends(one));
  pollfd quiet{other.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&quiet, 1, 0), 0);
}

// With no more files to open nobody is admitted; once there are, those who waited are.
TEST_F(DoormanTest, RunningOutOfFilesIsNotTheEnd) {
  open(10);
  // Sanitizers look at the type of what is called for the first time, and need a file for it.
  static_cast<const Clock&>(clock_).steady();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  UniqueFd caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  EXPECT_EQ(::connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  {
    std::unique_lock lock(mutex_);
    EXPECT_FALSE(changed_.wait_for(lock, std::chrono::milliseconds(120),
                                   [this] { return !admitted_.empty(); }));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(wait_for_admitted(1));
}

}  // namespace
}  // namespace trueque
