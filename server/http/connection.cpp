#include "server/http/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace trueque {
namespace {

constexpr std::size_t kMaxDrained = 64UL * 1024 * 1024;
constexpr std::chrono::milliseconds kLinger{2'000};
// A client that does not take its answers is read no further requests.
constexpr std::size_t kMaxUnsent = 64UL * 1024;
// What an idle connection may keep of a buffer, so as not to ask for it again.
constexpr std::size_t kKept = 4UL * 1024;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Connection::Connection(Client client, ClientAddress& address, const ConnectionRules& rules,
                       Time now)
    : fd_(std::move(client.fd)),
      ip_(std::move(client.ip)),
      address_(address),
      rules_(rules),
      guest_(client.guest),
      opened_(now),
      since_(now) {}

RequestFault Connection::no_place() {
  return {503, "Too many connections; close some or try again in a moment."};
}

void Connection::note_events(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken_ = true;
  if ((events & EPOLLRDHUP) != 0) hung_up_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((events & EPOLLOUT) != 0) writable_ = true;
}

Connection::Turn Connection::turn(Time now, std::span<char> scratch) {
  if (broken_ || !flush(now)) return Turn::kEnds;
  if (phase_ == Phase::kLingering) return linger(scratch);
  if (phase_ == Phase::kHandling || closing_ || unsent() > kMaxUnsent) return Turn::kWaits;
  return read(now, scratch);
}

Connection::Turn Connection::read(Time now, std::span<char> scratch) {
  const RequestParser::State state = parser_.state();
  const bool wants_more =
      state == RequestParser::State::kIdle || state == RequestParser::State::kReading;
  if (wants_more && readable_) {
    const ssize_t got = ::recv(fd_.get(), scratch.data(), scratch.size(), 0);
    if (got > 0) {
      parser_.feed({scratch.data(), static_cast<std::size_t>(got)});
      // Less than there was room for: the next byte comes with an event of its own.
      if (static_cast<std::size_t>(got) < scratch.size() && !hung_up_) readable_ = false;
    } else if (got < 0 && would_block()) {
      readable_ = false;
    } else if (got == 0 || errno != EINTR) {
      return Turn::kEnds;
    }
  }
  if (parser_.take_expectation()) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    if (!flush(now)) return Turn::kEnds;
  }
  return look_at_parser(now);
}

Connection::Turn Connection::look_at_parser(Time now) {
  switch (parser_.state()) {
    case RequestParser::State::kComplete:
      request_ = parser_.take();
      request_.remote_address = ip_;
      complete_ = now;
      phase_ = Phase::kHandling;
      return Turn::kRequest;
    case RequestParser::State::kFailed:
      fault_ = parser_.fault();
      return Turn::kFault;
    case RequestParser::State::kReading:
      if (!begun_) {
        begun_ = true;
        since_ = now;
      }
      break;
    case RequestParser::State::kIdle:
      break;
  }
  return readable_ ? Turn::kAgain : Turn::kWaits;
}

// Lets the client read the last answer before the socket goes: closing with bytes
// unread would reset the connection under it.
Connection::Turn Connection::linger(std::span<char> scratch) {
  if (!readable_) return Turn::kWaits;
  const ssize_t got = ::recv(fd_.get(), scratch.data(), scratch.size(), 0);
  if (got > 0) {
    drained_ += static_cast<std::size_t>(got);
    return drained_ < kMaxDrained ? Turn::kAgain : Turn::kEnds;
  }
  if (got < 0 && errno == EINTR) return Turn::kAgain;
  if (got == 0 || !would_block()) return Turn::kEnds;
  readable_ = false;
  return Turn::kWaits;
}

Connection::Turn Connection::answer(const HttpResponse& response, Time now) {
  const bool keep = request_.keep_alive && !guest_ && !rules_.stopped;
  append_to_wire(out_, response, keep, request_.method == "HEAD");
  request_ = {};
  phase_ = Phase::kReading;
  begun_ = false;
  closing_ = !keep;
  linger_for_ = kLinger;
  return send_and_go_on(now);
}

Connection::Turn Connection::refuse(const HttpResponse& response, Time now) {
  append_to_wire(out_, response, false, request_.method == "HEAD");
  request_ = {};
  parser_ = RequestParser();  // whatever else was sent is not read any more
  phase_ = Phase::kReading;
  closing_ = true;
  linger_for_ = guest_ ? rules_.times.guest : std::max(kLinger, rules_.times.request);
  return send_and_go_on(now);
}

Connection::Turn Connection::send_and_go_on(Time now) {
  since_ = now;
  if (broken_ || !flush(now)) return Turn::kEnds;
  const bool more = readable_ || parser_.state() != RequestParser::State::kIdle;
  return more && (phase_ == Phase::kLingering || !closing_) ? Turn::kAgain : Turn::kWaits;
}

bool Connection::flush(Time now) {
  if (out_.empty()) return true;
  if (sending_since_ == Time()) sending_since_ = now;
  while (unsent() > 0) {
    if (!writable_) return true;
    const ssize_t sent = ::send(fd_.get(), out_.data() + sent_, unsent(), MSG_NOSIGNAL);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (would_block()) {
      writable_ = false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  all_sent(now);
  return true;
}

void Connection::all_sent(Time now) {
  out_.clear();
  if (out_.capacity() > kKept) out_ = std::string();
  sent_ = 0;
  sending_since_ = Time();
  if (phase_ == Phase::kReading && !begun_) since_ = now;
  if (!closing_) return;
  ::shutdown(fd_.get(), SHUT_WR);
  phase_ = Phase::kLingering;
  linger_until_ = now + linger_for_;
}

Connection::Time Connection::deadline() const {
  if (phase_ == Phase::kLingering) return linger_until_;
  if (unsent() > 0) return sending_since_ + rules_.times.write;
  if (phase_ == Phase::kHandling) return Time::max();
  Time at = since_ + (begun_ ? rules_.times.request : rules_.times.idle);
  if (guest_) at = std::min(at, opened_ + rules_.times.guest);
  if (!rules_.stopped) return at;
  return std::min(at,
                  *rules_.stopped + (begun_ ? rules_.times.last_request : rules_.times.last_idle));
}

Connection::Turn Connection::expire() {
  if (phase_ == Phase::kLingering || unsent() > 0) return Turn::kEnds;
  if (!begun_ && !guest_) return Turn::kEnds;
  if (rules_.stopped) {
    fault_ = {503, "The directory is shutting down; try again in a few seconds."};
  } else if (guest_) {
    fault_ = no_place();
  } else {
    fault_ = {408, "The request took too long to arrive; send it faster."};
  }
  return Turn::kFault;
}

}  // namespace trueque
