#include "server/http/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <span>

#include "server/http/error_response.h"

namespace trueque {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxDrained = 64UL * 1024 * 1024;
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::chrono::milliseconds kRefusalLinger{1'000};
constexpr std::size_t kMaxLoggedPath = 200;
// Large, because on a busy machine every read waits for its turn on a core.
constexpr std::size_t kReadBytes = 64UL * 1024;

// False when the deadline has passed first.
bool wait_for_any(std::span<pollfd> entries, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    const int ready =
        ::poll(entries.data(), entries.size(), static_cast<int>(std::min<long>(left, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool wait_for(int fd, short events, Clock::time_point deadline) {
  pollfd entry{fd, events, 0};
  return wait_for_any({&entry, 1}, deadline);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Connection::Connection(UniqueFd fd, std::string address, const ConnectionTimes& times,
                       HttpHandler& handler, const Log& log, const StopSignal& stop)
    : fd_(std::move(fd)),
      address_(std::move(address)),
      times_(times),
      handler_(handler),
      log_(log),
      stop_(stop) {}

void Connection::cut() { ::shutdown(fd_.get(), SHUT_RDWR); }

void Connection::serve() {
  try {
    while (receive()) {
      if (parser_.state() == RequestParser::State::kFailed) {
        answer_fault(parser_.fault().status, parser_.fault().message);
        return;
      }
      if (!answer()) return;
    }
  } catch (const std::exception& failure) {  // out of memory, most likely
    log_.error("connection_failed", {{"remote", address_}, {"reason", failure.what()}});
  }
}

void Connection::refuse(const HttpResponse& response) {
  if (send_all(to_wire(response, false, false))) linger(kRefusalLinger);
}

bool Connection::receive() {
  using State = RequestParser::State;
  Patience patience{Clock::now() + times_.idle, times_.last_idle};
  bool begun = false;
  while (true) {
    const State state = parser_.state();
    if (state == State::kComplete || state == State::kFailed) return true;
    if (state == State::kReading && !begun) {
      begun = true;
      patience = {Clock::now() + times_.request, times_.last_request};
    }
    if (parser_.take_expectation() && !send_all("HTTP/1.1 100 Continue\r\n\r\n")) return false;
    if (read_more(patience)) continue;
    if (begun && Clock::now() >= deadline_of(patience)) answer_late();
    return false;
  }
}

void Connection::answer_late() {
  if (stop_.raised()) {
    answer_fault(503, "The directory is shutting down; try again in a few seconds.");
  } else {
    answer_fault(408, "The request took too long to arrive; send it faster.");
  }
}

Connection::Time Connection::deadline_of(const Patience& patience) const {
  if (!stop_.raised()) return patience.deadline;
  return std::min(patience.deadline, stop_.since() + patience.after_stop);
}

// False at the end of the stream, on an error and when the deadline has passed.
bool Connection::read_more(const Patience& patience) {
  std::array<char, kReadBytes> buffer;
  while (true) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      // Bytes that keep dribbling in do not put the deadline off.
      parser_.feed({buffer.data(), static_cast<std::size_t>(got)});
      const bool whole = parser_.state() != RequestParser::State::kReading;
      return whole || Clock::now() < deadline_of(patience);
    }
    if (got == 0 || !would_block()) return false;
    if (!wait_for_bytes(patience)) return false;
  }
}

bool Connection::wait_for_bytes(const Patience& patience) const {
  if (!stop_.raised()) {
    std::array<pollfd, 2> entries = {pollfd{fd_.get(), POLLIN, 0}, pollfd{stop_.fd(), POLLIN, 0}};
    if (!wait_for_any(entries, patience.deadline)) return false;
    if (entries[0].revents != 0) return true;
  }
  return wait_for(fd_.get(), POLLIN, deadline_of(patience));
}

bool Connection::send_all(std::string_view bytes) {
  const Time deadline = Clock::now() + times_.write;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (!would_block() || !wait_for(fd_.get(), POLLOUT, deadline)) return false;
  }
  return true;
}

HttpResponse Connection::respond(const HttpRequest& request) {
  try {
    return handler_.handle(request);
  } catch (const std::exception& failure) {
    log_.error("request_failed", {{"path", request.path}, {"reason", failure.what()}});
  } catch (...) {
    log_.error("request_failed", {{"path", request.path}});
  }
  return fault_response(500, "The directory failed to answer; its log says why.");
}

bool Connection::answer() {
  const Time started = Clock::now();
  HttpRequest request = parser_.take();
  request.remote_address = address_;
  const HttpResponse response = respond(request);
  const bool keep = request.keep_alive && !stop_.raised();
  const bool sent = send_all(to_wire(response, keep, request.method == "HEAD"));
  note(request, response, started);
  if (sent && !keep) linger(kLinger);
  return sent && keep;
}

void Connection::answer_fault(int status, const std::string& message) {
  const Time started = Clock::now();
  const HttpResponse response = fault_response(status, message);
  if (send_all(to_wire(response, false, false))) linger(times_.request);
  HttpRequest unread;
  unread.method = unread.path = "-";
  note(unread, response, started);
}

void Connection::linger(std::chrono::milliseconds at_most) {
  ::shutdown(fd_.get(), SHUT_WR);
  const Time deadline = Clock::now() + at_most;
  std::array<char, kReadBytes> buffer;
  std::size_t drained = 0;
  while (drained < kMaxDrained && Clock::now() < deadline) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      drained += static_cast<std::size_t>(got);
    } else if (got == 0 || !would_block() || !wait_for(fd_.get(), POLLIN, deadline)) {
      return;
    }
  }
}

// The query stays out of the log: people search for private things.
void Connection::note(const HttpRequest& request, const HttpResponse& response,
                      Time started) const {
  const std::chrono::duration<double, std::milli> took = Clock::now() - started;
  log_.info("request", {{"method", request.method.substr(0, 16)},
                        {"path", request.path.substr(0, kMaxLoggedPath)},
                        {"status", response.status},
                        {"ms", took.count()},
                        {"bytes", response.body.size()},
                        {"remote", address_}});
}

}  // namespace trueque
