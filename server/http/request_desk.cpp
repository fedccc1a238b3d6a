#include "server/http/request_desk.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "server/http/error_response.h"

namespace trueque {
namespace {

constexpr std::size_t kMaxLoggedPath = 200;
constexpr std::size_t kMaxLoggedMethod = 16;
// Who waits costs a thread, not a core: writers wait for the disk together, and the
// more of them do so, the fewer times it is asked.
constexpr WorkerThreads::Limits kWriters{64, 4'096, std::chrono::seconds(5)};
constexpr WorkerThreads::Limits kLogins{32, 512, std::chrono::seconds(5)};

WorkerThreads::Limits readers() {
  return {std::max(2U, std::thread::hardware_concurrency()), 1'024, std::chrono::seconds(5)};
}

}  // namespace

RequestDesk::RequestDesk(HttpHandler& handler, Mailbox& mailbox, const Log& log)
    : handler_(handler),
      mailbox_(mailbox),
      log_(log),
      lanes_{WorkerThreads(readers()), WorkerThreads(kWriters), WorkerThreads(kLogins)} {}

std::optional<HttpResponse> RequestDesk::answer(Connection& connection) {
  const RequestClass kind = handler_.classify(connection.request());
  if (connection.guest() && !kind.vital) {
    const RequestFault fault = Connection::no_place();
    return fault_response(fault.status, fault.message);
  }
  if (kind.lane == Lane::kLoop) return respond(connection.request());
  const bool taken = workers(kind.lane).run([this, &connection] {
    mailbox_.post({&connection, respond(connection.request())});
  });
  if (!taken)
    return fault_response(503, "The directory is busy with others; try again in a moment.");
  connection.hooks.in_flight = true;
  return std::nullopt;
}

HttpResponse RequestDesk::respond(const HttpRequest& request) {
  try {
    return handler_.handle(request);
  } catch (const std::exception& failure) {
    log_.error("request_failed", {{"path", request.path}, {"reason", failure.what()}});
  } catch (...) {
    log_.error("request_failed", {{"path", request.path}});
  }
  return fault_response(500, "The directory failed to answer; its log says why.");
}

void RequestDesk::join() {
  for (WorkerThreads& lane : lanes_) lane.join();
}

void RequestDesk::note(const Connection& connection, const HttpResponse& response) const {
  write_line(connection.request(), connection.ip(), response, connection.completed());
}

void RequestDesk::note_unread(const Connection& connection, const HttpResponse& response) const {
  HttpRequest unread;
  unread.method = unread.path = "-";
  write_line(unread, connection.ip(), response, std::chrono::steady_clock::now());
}

// The query stays out of the log: people search for private things.
void RequestDesk::write_line(const HttpRequest& request, const std::string& remote,
                             const HttpResponse& response, Time began) const {
  if (!log_.writes(LogLevel::kInfo)) return;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  log_.info("request", {{"method", request.method.substr(0, kMaxLoggedMethod)},
                        {"path", request.path.substr(0, kMaxLoggedPath)},
                        {"status", response.status},
                        {"ms", took.count()},
                        {"bytes", response.body.size()},
                        {"remote", remote}});
}

}  // namespace trueque
