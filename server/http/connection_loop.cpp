#include "server/http/connection_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>

namespace trueque {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 64UL * 1024;
constexpr int kEventsAtOnce = 512;
// Between two looks at what is new; few, so that who comes is noticed soon.
constexpr int kTurnsAtOnce = 64;
constexpr int kClientsAtOnce = 64;
constexpr int kLastClients = 4'096;  // as many as the listener holds waiting
constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::milliseconds kGrace{3'500};
// Who holds less is not asked to make room.
constexpr std::size_t kLittle = 64UL * 1024;

bool watch(int epoll, int action, int fd, std::uint32_t events, void* owner) {
  epoll_event entry{};
  entry.events = events;
  entry.data.ptr = owner;
  return ::epoll_ctl(epoll, action, fd, &entry) == 0;
}

}  // namespace

ConnectionLoop::ConnectionLoop(Listener& listener, const HttpLimits& limits,
                               const HttpServices& services)
    : listener_(listener),
      limits_(limits),
      log_(services.log),
      metrics_(services.metrics),
      rules_{limits.times, std::nullopt},
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      book_(limits.max_connections, limits.connections_per_address),
      guests_(limits.guests, services.log),
      scratch_(kReadBytes),
      desk_(services, mailbox_) {
  watch(epoll_.get(), EPOLL_CTL_ADD, listener_.fd.get(), EPOLLIN, &listener_);
  watch(epoll_.get(), EPOLL_CTL_ADD, mailbox_.fd(), EPOLLIN, &mailbox_);
}

void ConnectionLoop::run() {
  while (!done()) {
    try {
      round();
    } catch (const std::exception& failure) {  // out of memory, most likely
      log_.error("connections_failed", {{"reason", failure.what()}});
    }
  }
  for (const auto& [connection, owner] : connections_) connection->close();
  desk_.join();
}

void ConnectionLoop::stop() {
  stop_asked_ = true;
  mailbox_.wake();
}

bool ConnectionLoop::done() const {
  if (!rules_.stopped) return false;
  return connections_.empty() || Clock::now() >= *rules_.stopped + kGrace;
}

void ConnectionLoop::round() {
  harvest();
  if (stop_asked_ && !rules_.stopped) begin_stop();
  deliver_answers();
  give_turns();
  expire();
  if (std::exchange(clients_wait_, false)) accept_some(kClientsAtOnce);
}

// Everything that is new before anything is done about it: whose turn it is must not
// depend on the order in which the kernel tells.
void ConnectionLoop::harvest() {
  std::array<epoll_event, kEventsAtOnce> events;
  int timeout = patience();
  int count = 0;
  do {
    count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, timeout);
    timeout = 0;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == &listener_) {
        clients_wait_ = true;
      } else if (event.data.ptr != &mailbox_) {
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        connection.note_events(event.events);
        queue_.push(connection);
      }
    }
  } while (count == kEventsAtOnce);
}

int ConnectionLoop::patience() const {
  if (!queue_.empty()) return 0;
  Time until = std::min(deadlines_.earliest(), accept_again_);
  if (rules_.stopped) until = std::min(until, *rules_.stopped + kGrace);
  if (until == Time::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

void ConnectionLoop::give_turns() {
  for (int i = 0; i < kTurnsAtOnce && !queue_.empty(); ++i) {
    Connection& connection = queue_.pop();
    if (connection.hooks.ended) {
      destroy_if_unused(connection);
    } else {
      settle(connection, act(connection, connection.turn(Clock::now(), scratch_)));
    }
  }
}

void ConnectionLoop::deliver_answers() {
  for (const Mailbox::Letter& letter : mailbox_.collect()) {
    Connection& connection = *letter.to;
    connection.hooks.in_flight = false;
    if (connection.hooks.ended) {
      destroy_if_unused(connection);
    } else {
      settle(connection, finish(connection, letter.response));
    }
  }
}

void ConnectionLoop::expire() {
  const Time now = Clock::now();
  if (now >= accept_again_) watch_listener(true);
  while (Connection* connection = deadlines_.next_expired(now))
    settle(*connection, act(*connection, connection->expire()));
}

ConnectionLoop::Turn ConnectionLoop::act(Connection& connection, Turn turn) {
  if (turn == Turn::kFault) {
    if (connection.guest()) metrics_.refused(Refusal::kNoPlace);
    return refuse(connection, connection.fault());
  }
  if (turn != Turn::kRequest) return turn;
  const std::optional<HttpResponse> response = desk_.answer(connection);
  return response ? finish(connection, *response) : Turn::kWaits;
}

ConnectionLoop::Turn ConnectionLoop::finish(Connection& connection, const HttpResponse& response) {
  desk_.note(connection, response);
  return connection.answer(response, Clock::now());
}

ConnectionLoop::Turn ConnectionLoop::refuse(Connection& connection, const RequestFault& fault) {
  const HttpResponse response = desk_.refusal(fault);
  desk_.note_unread(connection, response);
  return connection.refuse(response, Clock::now());
}

void ConnectionLoop::settle(Connection& connection, Turn turn) {
  count_bytes(connection);
  const bool too_much = held_ > limits_.held_bytes && connection.hooks.counted_bytes > kLittle;
  if (turn != Turn::kEnds && too_much) {
    turn = ask_for_room(connection);
    count_bytes(connection);
  }
  if (turn == Turn::kEnds) return end(connection);
  if (turn == Turn::kAgain) queue_.push(connection);
  deadlines_.schedule(connection);
}

void ConnectionLoop::count_bytes(Connection& connection) {
  const std::size_t holds = connection.held_bytes();
  held_ += holds - connection.hooks.counted_bytes;
  connection.hooks.counted_bytes = holds;
}

ConnectionLoop::Turn ConnectionLoop::ask_for_room(Connection& connection) {
  log_.warning("memory_limit", {{"remote", connection.ip()}});
  metrics_.refused(Refusal::kMemory);
  if (connection.handling() || connection.sending()) return Turn::kEnds;
  return refuse(connection,
                {503, "The directory has no room for so much at once; try again in a moment."});
}

// The socket goes at once; the rest when no worker and no queue refers to it any more.
void ConnectionLoop::end(Connection& connection) {
  deadlines_.forget(connection);
  if (connection.guest()) guests_.remove(connection);
  held_ -= std::exchange(connection.hooks.counted_bytes, 0);
  connection.close();
  connection.hooks.ended = true;
  destroy_if_unused(connection);
}

void ConnectionLoop::destroy_if_unused(Connection& connection) {
  if (connection.hooks.queued || connection.hooks.in_flight) return;
  ClientAddress& address = connection.address();
  const bool guest = connection.guest();
  connections_.erase(&connection);
  book_.release(address, guest);
  count_connections();
}

void ConnectionLoop::watch_listener(bool watched) {
  accept_again_ = watched ? Time::max() : Clock::now() + kPause;
  watch(epoll_.get(), EPOLL_CTL_MOD, listener_.fd.get(), watched ? EPOLLIN : 0U, &listener_);
}

void ConnectionLoop::accept_some(int at_most) {
  for (int i = 0; i < at_most; ++i) {
    Accepted client = accept_from(listener_);
    if (client.fd.valid()) {
      take(std::move(client));
      continue;
    }
    const bool short_of = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (!short_of) return;
    // Until a connection closes there is nothing to gain from trying again at once.
    log_.warning("accept_failed", {{"reason", "out of file descriptors or memory"}});
    return watch_listener(false);
  }
}

void ConnectionLoop::take(Accepted client) {
  ClientAddress& address = book_.of(client.address);
  const bool guest = !book_.admit(address);
  if (guest) book_.admit_guest(address);
  const int fd = client.fd.get();
  auto owner = std::make_unique<Connection>(
      Connection::Client{std::move(client.fd), std::move(client.address), guest}, address, rules_,
      Clock::now());
  Connection& connection = *owner;
  connections_.emplace(&connection, std::move(owner));
  if (guest) {
    if (Connection* first = guests_.in_the_way()) {
      if (!first->handling()) act(*first, first->expire());
      end(*first);
    }
    guests_.add(connection);
  }
  count_connections();
  const std::uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  const bool watched = watch(epoll_.get(), EPOLL_CTL_ADD, fd, events, &connection);
  // Its request has mostly come with it.
  settle(connection, watched ? Turn::kAgain : Turn::kEnds);
}

void ConnectionLoop::begin_stop() {
  rules_.stopped = Clock::now();
  accept_some(kLastClients);
  listener_.fd.reset();
  accept_again_ = Time::max();
  for (const auto& [connection, owner] : connections_) {
    if (!connection->hooks.ended) deadlines_.schedule(*connection);
  }
}

}  // namespace trueque
