// One HTTP request and one response, as plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trueque {

struct HttpHeader {
  std::string name;  // in lower case
  std::string value;
};

struct HttpRequest {
  std::string method;
  std::string path;   // as sent, without the query
  std::string query;  // after '?', as sent
  std::vector<HttpHeader> headers;
  std::string body;
  std::string remote_address;  // IPv4 or IPv6
  std::string id;              // by which logs name it
  bool keep_alive = true;      // the client would like the connection kept

  // The first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view content_type = "application/json";
  std::string_view route = "none";  // what was asked, for the figures; a text that stays
  std::string request_id = {};      // of the request it answers
};

// Appends the bytes of a response; HEAD leaves the body out but tells its length.
void append_to_wire(std::string& wire, const HttpResponse& response, bool keep_alive, bool head);

// "Not Found" for 404.
std::string_view reason_phrase(int status);

// The bearer token of the Authorization header; the scheme in any case.
std::optional<std::string> bearer_token(const HttpRequest& request);

// Compares ASCII letters without regard to case.
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace trueque
