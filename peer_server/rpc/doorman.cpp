#include "peer_server/rpc/doorman.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

namespace trueque {
namespace {

constexpr ConnectionBook::Id kListener = 0;
constexpr ConnectionBook::Id kWake = 1;
// How often those that send are looked at.
constexpr std::chrono::milliseconds kTick{50};
constexpr int kAtOnce = 64;
// Of what was not looked at yet: requests are small.
constexpr int kReceiveBuffer = 32 * 1024;
// A connection takes two, an upload one, and something has to be left.
constexpr std::size_t kFilesPerConnection = 4;

struct Traffic {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  bool closed = false;  // on this side
};

std::optional<Traffic> traffic_of(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  constexpr int kEstablished = 1;
  constexpr int kCloseWait = 8;  // closed by the caller alone
  const bool open = info.tcpi_state == kEstablished || info.tcpi_state == kCloseWait;
  return Traffic{info.tcpi_bytes_received, info.tcpi_bytes_acked, !open};
}

}  // namespace

Doorman::Doorman(std::size_t most, const Clock& clock, HandOver hand_over)
    : clock_(clock),
      hand_over_(std::move(hand_over)),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      book_(std::min(most, raise_open_file_limit(kFilesPerConnection * most) / kFilesPerConnection),
            clock),
      last_id_(kWake) {}

Doorman::~Doorman() { stop(); }

Result<std::uint16_t> Doorman::listen(const std::string& host, std::uint16_t port) {
  Result<Listener> listener = listen_on(host == "0.0.0.0" ? "::" : host, port);
  if (!listener && host == "0.0.0.0") listener = listen_on(host, port);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  // Each connection gets the same.
  ::setsockopt(listener_.fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  const bool ready = poll_.valid() && wake_.valid() &&
                     watch(EPOLL_CTL_ADD, wake_.get(), EPOLLIN, kWake) &&
                     watch(EPOLL_CTL_ADD, listener_.fd.get(), EPOLLIN, kListener);
  if (!ready) return system_error("watch", "the port", errno);
  return listener_.port;
}

void Doorman::start() {
  thread_ = std::thread([this] { work(); });
}

void Doorman::stop() {
  stop_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
  listener_.fd.reset();
}

void Doorman::hang_up(const std::string& address, std::uint16_t port) {
  {
    const std::lock_guard lock(mutex_);
    hang_ups_.emplace_back(address, port);
  }
  wake();
}

// The counter is far from full: this does not fail.
void Doorman::wake() {
  constexpr std::uint64_t kOne = 1;
  (void)!::write(wake_.get(), &kOne, sizeof kOne);
}

void Doorman::work() {
  std::array<epoll_event, kAtOnce> events{};
  while (!stop_) {
    const int count = ::epoll_wait(poll_.get(), events.data(), kAtOnce, milliseconds_to_wait());
    for (int i = 0; i < count; ++i) {
      const Id id = events[static_cast<std::size_t>(i)].data.u64;
      if (id == kListener) admit_some();
      if (id == kWake) hang_up_some();
      if (id > kWake && connections_.contains(id)) busy_.insert(id);
    }
    if (clock_.steady() >= next_look_) look_around();
  }
}

int Doorman::milliseconds_to_wait() const {
  if (busy_.empty() && !resting_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_look_ - clock_.steady());
  return std::max(0, static_cast<int>(left.count()));
}

void Doorman::look_around() {
  next_look_ = clock_.steady() + kTick;
  const std::vector<Id> busy(busy_.begin(), busy_.end());
  for (const Id id : busy) {
    if (!look_at(id)) busy_.erase(id);
  }
  if (std::exchange(resting_, false)) watch(EPOLL_CTL_MOD, listener_.fd.get(), EPOLLIN, kListener);
}

void Doorman::hang_up_some() {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  std::vector<Caller> callers;
  {
    const std::lock_guard lock(mutex_);
    callers.swap(hang_ups_);
  }
  for (const Caller& caller : callers) {
    const auto found = by_caller_.find(caller);
    if (found != by_caller_.end()) cut(found->second);
  }
}

void Doorman::admit_some() {
  for (int i = 0; i < kAtOnce; ++i) {
    Accepted client = accept_from(listener_);
    if (client.fd.valid()) {
      admit(std::move(client));
      continue;
    }
    const bool no_room = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (no_room) resting_ = watch(EPOLL_CTL_MOD, listener_.fd.get(), 0, kListener);
    if (errno == EAGAIN || no_room) return;
  }
}

void Doorman::admit(Accepted client) {
  const Id id = ++last_id_;
  const ConnectionBook::Admission admission = book_.add(id, client.address);
  if (admission.displaced) cut(*admission.displaced);
  if (!admission.admitted) return;
  Connection connection{UniqueFd(::fcntl(client.fd.get(), F_DUPFD_CLOEXEC, 0)),
                        {client.address, client.port}};
  if (!connection.fd.valid() ||
      !watch(EPOLL_CTL_ADD, connection.fd.get(), EPOLLIN | EPOLLONESHOT, id))
    return book_.remove(id);
  by_caller_[connection.caller] = id;
  connections_.emplace(id, std::move(connection));
  hand_over_(std::move(client.fd));
}

bool Doorman::watch(int operation, int fd, std::uint32_t events, Id id) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return ::epoll_ctl(poll_.get(), operation, fd, &event) == 0;
}

bool Doorman::look_at(Id id) {
  const auto position = connections_.find(id);
  if (position == connections_.end()) return false;
  Connection& connection = position->second;
  const std::optional<Traffic> traffic = traffic_of(connection.fd.get());
  if (traffic && !book_.traffic(id, traffic->received, traffic->sent)) {
    for (const Id each : book_.of_same_address(id)) cut(each);
  }
  if (!traffic || traffic->closed) {
    forget(id);
    return false;
  }
  if (std::exchange(connection.received, traffic->received) != traffic->received) return true;
  return !watch(EPOLL_CTL_MOD, connection.fd.get(), EPOLLIN | EPOLLONESHOT, id);
}

// gRPC sees it end, and lets go of it; what it had sent goes with the last descriptor.
void Doorman::cut(Id id) {
  const auto position = connections_.find(id);
  if (position == connections_.end()) return;
  const int fd = position->second.fd.get();
  constexpr linger kDiscard{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &kDiscard, sizeof kDiscard);
  ::shutdown(fd, SHUT_RDWR);
}

void Doorman::forget(Id id) {
  book_.remove(id);
  const auto position = connections_.find(id);
  const auto caller = by_caller_.find(position->second.caller);
  if (caller != by_caller_.end() && caller->second == id) by_caller_.erase(caller);
  connections_.erase(position);
}

}  // namespace trueque
