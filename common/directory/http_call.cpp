#include "common/directory/http_call.h"

#include <httplib.h>

#include <charconv>

#include "common/base/address.h"
#include "common/directory/http_directory_client.h"
#include "common/directory/json_messages.h"

namespace trueque {
namespace {

Error unreachable(const DirectoryEndpoint& endpoint, const std::string& what,
                  const std::string& advice) {
  return make_error(
      Code::kUnavailable,
      what + " the directory at " + host_and_port(endpoint.host, endpoint.port) + "; " + advice);
}

Error transport_error(const DirectoryEndpoint& endpoint, httplib::Error error, bool expired) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
      return unreachable(endpoint, "Cannot reach",
                         "check that main-server runs there and that host and port are right.");
    case httplib::Error::Canceled:
      if (!expired) return unreachable(endpoint, "Too long an answer from", "ask for less.");
      [[fallthrough]];
    default:
      return unreachable(endpoint, "No answer from",
                         "the connection was cut or the answer took too long; try again.");
  }
}

std::optional<std::chrono::milliseconds> retry_after(const httplib::Response& response) {
  const std::string text = response.get_header_value("Retry-After");
  unsigned seconds = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 86'400U));
}

httplib::Request make_request(const DirectoryCall& call) {
  httplib::Request request;
  request.method = call.method;
  request.path = call.target;
  request.body = call.body;
  if (!call.body.empty()) request.set_header("Content-Type", "application/json");
  if (!call.token.empty()) request.set_header("Authorization", "Bearer " + call.token);
  request.set_header("Accept", "application/json");
  request.set_header("Accept-Encoding", "identity");
  return request;
}

Result<httplib::Response> exchange(const DirectoryEndpoint& endpoint,
                                   std::chrono::milliseconds connect_timeout,
                                   const DirectoryCall& call) {
  const auto deadline = std::chrono::steady_clock::now() + connect_timeout + call.timeout;
  httplib::Client client(endpoint.host, endpoint.port);
  client.set_connection_timeout(connect_timeout);
  client.set_read_timeout(call.timeout);
  client.set_write_timeout(call.timeout);
  client.set_tcp_nodelay(true);
  client.set_url_encode(false);
  client.set_decompress(false);
  httplib::Request request = make_request(call);
  std::string body;
  bool expired = false;
  request.content_receiver = [&](const char* data, std::size_t length, std::uint64_t,
                                 std::uint64_t) {
    expired = std::chrono::steady_clock::now() > deadline;
    if (expired || length > kMaxDirectoryAnswer - body.size()) return false;
    body.append(data, length);
    return true;
  };
  httplib::Response response;
  auto error = httplib::Error::Success;
  if (!client.send(request, response, error)) return transport_error(endpoint, error, expired);
  response.body = std::move(body);
  return response;
}

}  // namespace

Result<Json> call_one_of(std::span<const DirectoryEndpoint> endpoints,
                         std::atomic<std::size_t>& good, std::chrono::milliseconds connect_timeout,
                         const DirectoryCall& call) {
  const std::size_t first = good;
  Result<Json> answer = call_directory(endpoints[first], connect_timeout, call);
  const auto is_of_no_use = [](const Result<Json>& result) {
    return !result.ok() && result.error().code == Code::kUnavailable;
  };
  if (!is_of_no_use(answer) || endpoints.size() == 1) return answer;
  for (std::size_t i = 1; i < endpoints.size(); ++i) {
    const std::size_t next = (first + i) % endpoints.size();
    Result<Json> other = call_directory(endpoints[next], connect_timeout, call);
    if (is_of_no_use(other)) continue;
    good = next;
    return other;
  }
  Error error = answer.error();
  error.message += " Nor can any of the other directories be used now.";
  return error;
}

Error error_from_status(int status) {
  const std::string sentence = "The directory answered with HTTP status " + std::to_string(status);
  switch (status) {
    case 400:
    case 413:
    case 422:
      return make_error(Code::kInvalidArgument, sentence + ": it did not accept the request.");
    case 401:
      return make_error(Code::kUnauthenticated, sentence + ": log in first.");
    case 403:
      return make_error(Code::kPermissionDenied, sentence + ": this is not allowed.");
    case 404:
      return make_error(Code::kNotFound, sentence + ": not found.");
    case 405:
    case 501:
      return make_error(Code::kUnimplemented, sentence + ": it does not know this request.");
    case 409:
      return make_error(Code::kFailedPrecondition, sentence + ": not possible now.");
    case 429:
      return make_error(Code::kResourceExhausted, sentence + ": too many requests; wait.");
    case 502:
    case 503:
    case 504:
      return make_error(Code::kUnavailable, sentence + ": it is not available; try again later.");
    default:
      return make_error(Code::kInternal, sentence + ".");
  }
}

Result<Json> call_directory(const DirectoryEndpoint& endpoint,
                            std::chrono::milliseconds connect_timeout, const DirectoryCall& call) {
  try {
    Result<httplib::Response> response = exchange(endpoint, connect_timeout, call);
    if (!response) return response.error();
    if (response->status < 200 || response->status > 299) {
      Error fallback = error_from_status(response->status);
      fallback.retry_after = retry_after(*response);
      return read_error(response->body, std::move(fallback));
    }
    Result<Json> body = parse_json_document(response->body);
    if (!body) {
      return unreachable(endpoint, "No JSON in the answer of",
                         "is something else listening on that port?");
    }
    return body;
  } catch (const std::exception&) {
    // httplib throws on some malformed answers.
    return unreachable(endpoint, "No sense in the answer of",
                       "is something else listening on that port?");
  }
}

}  // namespace trueque
