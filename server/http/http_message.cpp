#include "server/http/http_message.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace trueque {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> buffer{};
  const std::size_t length =
      std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {buffer.data(), length};
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

std::string to_wire(const HttpResponse& response, bool keep_alive, bool head) {
  std::string wire = "HTTP/1.1 " + std::to_string(response.status) + " ";
  wire += reason_phrase(response.status);
  wire += "\r\nDate: " + date_now();
  wire += "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: ";
  wire += std::to_string(response.body.size());
  wire += keep_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  for (const auto& [name, value] : response.headers) wire += "\r\n" + name + ": " + value;
  wire += "\r\n\r\n";
  if (!head) wire += response.body;
  return wire;
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
