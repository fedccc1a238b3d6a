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

WorkerThreads::Limits readers(std::size_t wanted) {
  const std::size_t cores = std::max(2U, std::thread::hardware_concurrency());
  return {std::max(cores, wanted), 1'024, std::chrono::seconds(5)};
}

}  // namespace

RequestDesk::RequestDesk(const HttpServices& services, Mailbox& mailbox)
    : handler_(services.handler),
      log_(services.log),
      metrics_(services.metrics),
      mailbox_(mailbox),
      lanes_{WorkerThreads(readers(services.readers)), WorkerThreads(kWriters),
             WorkerThreads(kLogins)} {}

std::optional<HttpResponse> RequestDesk::answer(Connection& connection) {
  connection.name_request(ids_.id_of(connection.request()));
  const HttpRequest& request = connection.request();
  const RequestClass kind = handler_.classify(request);
  if (connection.guest() && !kind.vital) return busy(Refusal::kNoPlace, request);
  if (kind.lane == Lane::kLoop) return respond(request);
  const bool taken = workers(kind.lane).run([this, &connection] {
    mailbox_.post({&connection, respond(connection.request())});
  });
  if (!taken) return busy(Refusal::kBusy, request);
  connection.hooks.in_flight = true;
  return std::nullopt;
}

HttpResponse RequestDesk::busy(Refusal why, const HttpRequest& request) {
  metrics_.refused(why);
  const std::string reason = why == Refusal::kNoPlace
                                 ? Connection::no_place().message
                                 : "The directory is busy with others; try again in a moment.";
  HttpResponse response = fault_response(503, reason);
  response.request_id = request.id;
  return response;
}

HttpResponse RequestDesk::refusal(const RequestFault& fault) {
  HttpResponse response = fault_response(fault.status, fault.message);
  response.request_id = ids_.make();
  return response;
}

HttpResponse RequestDesk::respond(const HttpRequest& request) {
  std::string reason = "an exception of an unknown kind";
  HttpResponse response;
  try {
    response = handler_.handle(request);
    response.request_id = request.id;
    return response;
  } catch (const std::exception& failure) {
    reason = failure.what();
  } catch (...) {
  }
  log_.error("request_failed", {{"path", request.path}, {"id", request.id}, {"reason", reason}});
  response = fault_response(500, "The directory failed to answer; its log says why.");
  response.request_id = request.id;
  return response;
}

void RequestDesk::join() {
  for (WorkerThreads& lane : lanes_) lane.join();
}

void RequestDesk::note(const Connection& connection, const HttpResponse& response) const {
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - connection.completed();
  metrics_.answered(response.route, response.status, took);
  write_line(connection.request(), connection.ip(), response, took);
}

void RequestDesk::note_unread(const Connection& connection, const HttpResponse& response) const {
  metrics_.answered(response.route, response.status, {});
  HttpRequest unread;
  unread.method = unread.path = "-";
  write_line(unread, connection.ip(), response, {});
}

// The query stays out of the log: people search for private things.
void RequestDesk::write_line(const HttpRequest& request, const std::string& remote,
                             const HttpResponse& response,
                             std::chrono::duration<double> took) const {
  if (!log_.writes(LogLevel::kInfo)) return;
  log_.info("request", {{"method", request.method.substr(0, kMaxLoggedMethod)},
                        {"path", request.path.substr(0, kMaxLoggedPath)},
                        {"status", response.status},
                        {"ms", took.count() * 1000},
                        {"bytes", response.body.size()},
                        {"remote", remote},
                        {"id", response.request_id}});
}

}  // namespace trueque
