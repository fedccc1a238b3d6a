#include "server/http/directory_routes.h"

#include <algorithm>
#include <array>

#include "common/base/address.h"
#include "common/base/text.h"
#include "server/http/error_response.h"
#include "server/http/metrics_page.h"
#include "server/http/openapi_document.h"
#include "server/http/query_string.h"

namespace trueque {
namespace {

constexpr std::size_t kQuickBody = 1024;  // bytes

Result<std::uint32_t> limit_of(const HttpRequest& request) {
  const std::optional<std::string> limit = query_parameter(request.query, "limit");
  return limit ? read_limit(*limit) : Result<std::uint32_t>(kDefaultRows);
}

// A parameter as text, checked to be UTF-8.
Result<std::optional<std::string>> text_parameter(const HttpRequest& request, const char* name) {
  std::optional<std::string> value = query_parameter(request.query, name);
  if (value && !is_valid_utf8(*value))
    return make_error(Code::kInvalidArgument, "'" + std::string(name) + "' is not UTF-8.");
  return value;
}

template <typename T>
Result<std::string> translate(const Result<T>& result, std::string (*write)(const T&)) {
  if (!result) return result.error();
  return write(*result);
}

}  // namespace

struct DirectoryRoutes::Route {
  std::string_view method;
  std::string_view path;
  Answer (DirectoryRoutes::*answer)(const Call&);
  Lane lane = Lane::kRead;
  bool needs_session = true;
  bool is_rated = true;
  bool is_vital = false;
  std::string_view content_type = "application/json";
};

std::span<const DirectoryRoutes::Route> DirectoryRoutes::routes() {
  using Self = DirectoryRoutes;
  static constexpr std::array<Route, 15> kRoutes = {
      Route{"POST", "/login", &Self::log_in, Lane::kLogin, false},
      Route{"POST", "/logout", &Self::log_out, Lane::kWrite},
      Route{"POST", "/indexFiles", &Self::index_files, Lane::kWrite},
      Route{"POST", "/getFiles", &Self::get_files, Lane::kLoop},
      Route{"POST", "/findFiles", &Self::find_files, Lane::kRead},
      Route{"POST", "/joinSwarm", &Self::join_swarm, Lane::kLoop},
      Route{"POST", "/leaveSwarm", &Self::leave_swarm, Lane::kLoop},
      Route{"POST", "/heartbeat", &Self::heartbeat, Lane::kWrite},
      Route{"GET", "/search", &Self::search, Lane::kRead},
      Route{"GET", "/peers", &Self::peers, Lane::kRead},
      Route{"GET", "/stats", &Self::stats, Lane::kLoop},
      Route{"GET", "/healthz", &Self::health, Lane::kLoop, false, false, true},
      Route{"GET", "/readyz", &Self::ready, Lane::kLoop, false, false, true},
      Route{"GET", "/openapi.json", &Self::openapi, Lane::kLoop, false},
      Route{"GET", "/metrics", &Self::metrics, Lane::kLoop, false, false, true, kMetricsType},
  };
  return kRoutes;
}

const DirectoryRoutes::Route* DirectoryRoutes::route_of(const HttpRequest& request) {
  const auto all = routes();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Route& each) { return each.path == request.path; });
  return found == all.end() ? nullptr : &*found;
}

RequestClass DirectoryRoutes::classify(const HttpRequest& request) const {
  const Route* route = route_of(request);
  if (route != nullptr && route->lane != Lane::kLoop) return {route->lane, route->is_vital};
  // What is large takes long to read, whatever it says; and whose token it is may have to
  // be asked elsewhere. That the program is alive it can say by itself.
  const bool is_health = route != nullptr && route->path == "/healthz";
  const bool waits = request.body.size() > kQuickBody || (storage_waits_ && !is_health);
  return {waits ? Lane::kRead : Lane::kLoop, route != nullptr && route->is_vital};
}

HttpResponse DirectoryRoutes::handle(const HttpRequest& request) {
  const Route* route = route_of(request);
  HttpResponse response = answer(route, request);
  response.route = route != nullptr ? route->path : "other";
  return response;
}

HttpResponse DirectoryRoutes::answer(const Route* route, const HttpRequest& request) {
  const std::string_view asked = request.method;
  const std::string_view method = asked == "HEAD" ? "GET" : asked;
  const bool fits = route != nullptr && route->method == method;
  if (!fits || route->is_rated) {
    if (Status rate = within_rate(request); !rate) return error_response(rate.error());
  }
  if (fits) return dispatch(*route, request);
  if (route != nullptr) return wrong_method(*route);
  return fault_response(404, "There is nothing at " + printable(request.path).substr(0, 200) +
                                 "; the directory's requests are in docs/protocol.md.");
}

HttpResponse DirectoryRoutes::wrong_method(const Route& route) {
  const std::string allowed = route.method == "GET" ? "GET, HEAD" : std::string(route.method);
  HttpResponse response =
      fault_response(405, std::string(route.path) + " takes " + allowed + " only.");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse DirectoryRoutes::dispatch(const Route& route, const HttpRequest& request) {
  Call call{request, {bearer_token(request), request.remote_address}, {}, {}};
  if (route.needs_session) {
    if (Status admitted = directory_.admit(call.caller); !admitted)
      return error_response(admitted.error());
  }
  if (route.method == "POST") {
    if (Status read = read_body(route, call); !read) {
      const bool unreadable = read.error().code == Code::kInvalidArgument;
      return error_response(unreadable ? 400 : http_status(read.error().code), read.error());
    }
  }
  Answer answer = (this->*route.answer)(call);
  if (!answer) return error_response(answer.error());
  HttpResponse response{200, *std::move(answer), {}};
  response.content_type = route.content_type;
  return response;
}

// Of those that are large, most take the quick way.
Status DirectoryRoutes::read_body(const Route& route, Call& call) {
  if (route.answer == &DirectoryRoutes::index_files) {
    call.index = read_index_quickly(call.request.body);
    if (call.index) return {};
  }
  Result<Json> body = parse_json_document(call.request.body);
  if (!body) return body.error();
  call.body = *std::move(body);
  return {};
}

// A token nobody was given is no caller of its own: made up anew for each request
// it would pass any limit.
Status DirectoryRoutes::within_rate(const HttpRequest& request) {
  if (!limiter_.limits()) return {};
  const std::optional<std::string> token = bearer_token(request);
  const bool by_token = token && directory_.knows(*token);
  const auto wait =
      limiter_.take(by_token ? "token " + *token : "address " + request.remote_address);
  if (!wait) return {};
  return Error{Code::kResourceExhausted, "Too many requests; wait a moment and try again.", wait};
}

DirectoryRoutes::Answer DirectoryRoutes::log_in(const Call& call) {
  Result<LoginMessage> message = read_login(call.body);
  if (!message) return message.error();
  const Result<LoginReply> reply = directory_.log_in(
      {message->username, message->password, message->peer_ip, message->peer_port},
      call.request.remote_address);
  if (!reply) {
    log_.warning("login_refused", {{"user", message->username.substr(0, 200)},
                                   {"code", code_name(reply.error().code)},
                                   {"remote", call.request.remote_address},
                                   {"id", call.request.id}});
    return reply.error();
  }
  log_.info("login", {{"user", reply->peer.username},
                      {"peer", host_and_port(reply->peer.ip, reply->peer.port)},
                      {"remote", call.request.remote_address},
                      {"id", call.request.id}});
  return write_login_reply(*reply);
}

DirectoryRoutes::Answer DirectoryRoutes::log_out(const Call& call) {
  const Result<PeerMessage> message = read_peer(call.body);
  if (!message) return message.error();
  const Result<std::string> ip =
      directory_.log_out(call.caller, {message->peer_ip, message->peer_port});
  if (!ip) return ip.error();
  log_.info("logout",
            {{"peer_ip", *ip}, {"remote", call.request.remote_address}, {"id", call.request.id}});
  return write_message("Logged out peer with IP " + *ip);
}

DirectoryRoutes::Answer DirectoryRoutes::index_files(const Call& call) {
  if (call.index) return index(call.caller, *call.index);
  const Result<IndexMessage> message = read_index(call.body);
  if (!message) return message.error();
  return index(call.caller, *message);
}

DirectoryRoutes::Answer DirectoryRoutes::index(const Caller& caller, const IndexMessage& message) {
  const PeerReference peer{message.peer.peer_ip, message.peer.peer_port};
  return translate(
      directory_.index_files(caller, peer, message.files, message.mode),
      +[](const std::uint64_t& files) { return write_indexed(files); });
}

DirectoryRoutes::Answer DirectoryRoutes::get_files(const Call& call) {
  const Result<LookupMessage> message = read_lookup(call.body);
  if (!message) return message.error();
  if (!message->file_names.empty() || !message->contents.empty()) {
    return translate(
        directory_.find_many(call.caller, message->file_names, message->contents, message->limit),
        +[](const std::vector<FileSource>& sources) { return write_sources(sources); });
  }
  return translate(
      message->content ? directory_.find_by_content(call.caller, *message->content, message->limit)
                       : directory_.find_by_name(call.caller, message->file_name, message->limit),
      +[](const std::vector<FileSource>& sources) { return write_sources(sources); });
}

DirectoryRoutes::Answer DirectoryRoutes::find_files(const Call& call) {
  const Result<FileQuery> query = read_file_query(call.body);
  if (!query) return query.error();
  return translate(directory_.find_files(call.caller, *query), &write_found_page);
}

DirectoryRoutes::Answer DirectoryRoutes::join_swarm(const Call& call) {
  const Result<SwarmMessage> message = read_swarm(call.body);
  if (!message) return message.error();
  const PeerReference peer{message->peer.peer_ip, message->peer.peer_port};
  return translate(directory_.join_swarm(call.caller, peer, message->content), &write_swarm_reply);
}

DirectoryRoutes::Answer DirectoryRoutes::leave_swarm(const Call& call) {
  const Result<SwarmMessage> message = read_swarm(call.body);
  if (!message) return message.error();
  const PeerReference peer{message->peer.peer_ip, message->peer.peer_port};
  const Status left = directory_.leave_swarm(call.caller, peer, message->content);
  if (!left) return left.error();
  return write_message("Left the download.");
}

DirectoryRoutes::Answer DirectoryRoutes::heartbeat(const Call& call) {
  const Result<PeerMessage> message = read_peer(call.body);
  if (!message) return message.error();
  return translate(directory_.heartbeat(call.caller, {message->peer_ip, message->peer_port}),
                   &write_heartbeat_reply);
}

DirectoryRoutes::Answer DirectoryRoutes::search(const Call& call) {
  const auto words = text_parameter(call.request, "q");
  if (!words) return words.error();
  if (!words->has_value())
    return make_error(Code::kInvalidArgument, "'q' is missing; send the words to search for.");
  const Result<std::uint32_t> limit = limit_of(call.request);
  if (!limit) return limit.error();
  const auto cursor = text_parameter(call.request, "cursor");
  if (!cursor) return cursor.error();
  return translate(directory_.search(call.caller, **words, *limit, *cursor), &write_search_page);
}

DirectoryRoutes::Answer DirectoryRoutes::peers(const Call& call) {
  return translate(
      directory_.peers(call.caller),
      +[](const std::vector<PeerSummary>& peers) { return write_peers(peers); });
}

DirectoryRoutes::Answer DirectoryRoutes::stats(const Call& call) {
  return translate(directory_.stats(call.caller), &write_stats);
}

DirectoryRoutes::Answer DirectoryRoutes::health(const Call&) { return write_health("ok"); }

DirectoryRoutes::Answer DirectoryRoutes::ready(const Call&) {
  if (Status readable = directory_.check_reading(); !readable) return readable.error();
  if (Status writable = storage_.writable(); !writable) return writable.error();
  return write_health("ready");
}

DirectoryRoutes::Answer DirectoryRoutes::metrics(const Call& call) {
  if (metrics_access_ == MetricsAccess::kOff)
    return make_error(Code::kNotFound, "This directory shows no figures; see [metrics] access.");
  const bool is_local = is_this_machine(call.request.remote_address);
  if (metrics_access_ == MetricsAccess::kLocal && !is_local) {
    return make_error(Code::kPermissionDenied,
                      "The figures are shown to this machine alone; see [metrics] access.");
  }
  return metrics_page({directory_, storage_, http_});
}

DirectoryRoutes::Answer DirectoryRoutes::openapi(const Call&) {
  return std::string(openapi_document());
}

std::vector<RouteFacts> DirectoryRoutes::facts() {
  std::vector<RouteFacts> all;
  for (const Route& route : routes())
    all.push_back({route.method, route.path, route.needs_session, route.content_type});
  return all;
}

}  // namespace trueque
