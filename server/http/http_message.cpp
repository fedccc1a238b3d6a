#include "server/http/http_message.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace trueque {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Written once a second; each thread has its own, so that none waits for another.
std::string_view date_now() {
  thread_local std::time_t written = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == written) return text;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> buffer{};
  const std::size_t length =
      std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  text.assign(buffer.data(), length);
  written = now;
  return text;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const HttpHeader& each : headers) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

std::string_view reason_phrase(int status) {
  struct Row {
    int status;
    std::string_view reason;
  };
  static constexpr std::array kReasons = {
      Row{200, "OK"},
      Row{400, "Bad Request"},
      Row{401, "Unauthorized"},
      Row{403, "Forbidden"},
      Row{404, "Not Found"},
      Row{405, "Method Not Allowed"},
      Row{408, "Request Timeout"},
      Row{409, "Conflict"},
      Row{413, "Content Too Large"},
      Row{414, "URI Too Long"},
      Row{417, "Expectation Failed"},
      Row{422, "Unprocessable Content"},
      Row{429, "Too Many Requests"},
      Row{431, "Request Header Fields Too Large"},
      Row{500, "Internal Server Error"},
      Row{501, "Not Implemented"},
      Row{503, "Service Unavailable"},
      Row{504, "Gateway Timeout"},
      Row{505, "HTTP Version Not Supported"},
  };
  for (const Row& row : kReasons) {
    if (row.status == status) return row.reason;
  }
  return "Error";
}

void append_to_wire(std::string& wire, const HttpResponse& response, bool keep_alive, bool head) {
  std::size_t room = response.body.size() + 256;
  for (const auto& [name, value] : response.headers) room += name.size() + value.size() + 4;
  wire.reserve(wire.size() + room);
  wire.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  wire.append(reason_phrase(response.status)).append("\r\nDate: ").append(date_now());
  wire.append("\r\nContent-Type: ").append(response.content_type);
  wire.append("\r\nCache-Control: no-store");
  if (!response.request_id.empty()) wire.append("\r\nX-Request-Id: ").append(response.request_id);
  wire.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  wire.append(keep_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close");
  for (const auto& [name, value] : response.headers)
    wire.append("\r\n").append(name).append(": ").append(value);
  wire.append("\r\n\r\n");
  if (!head) wire.append(response.body);
}

std::optional<std::string> bearer_token(const HttpRequest& request) {
  const std::optional<std::string_view> value = request.header("authorization");
  if (!value) return std::nullopt;
  const std::size_t blank = value->find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  if (!equals_ignoring_case(value->substr(0, blank), "bearer")) return std::nullopt;
  const std::size_t start = value->find_first_not_of(' ', blank);
  if (start == std::string_view::npos) return std::nullopt;
  return std::string(value->substr(start));
}

}  // namespace trueque
