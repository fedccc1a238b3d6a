// However the bytes of a connection are cut, they are the same requests or the same
// fault; what is held stays within the limits; and a request written out again in the
// plainest form is read as the same one, with nothing left over behind it.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/request_parser.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::HttpRequest;
using trueque::ParserLimits;
using trueque::RequestParser;
using trueque::testing::require;

constexpr ParserLimits kLimits{2'048, 1'024, 20, 4'096};

struct Outcome {
  std::vector<HttpRequest> requests;
  int fault = 0;
};

void collect(RequestParser& parser, Outcome& outcome) {
  while (parser.state() == RequestParser::State::kComplete) {
    outcome.requests.push_back(parser.take());
    require(outcome.requests.back().body.size() <= kLimits.body_bytes);
    require(outcome.requests.back().headers.size() <= kLimits.headers);
  }
  if (parser.state() != RequestParser::State::kFailed) return;
  outcome.fault = parser.fault().status;
  require(outcome.fault >= 400 && !parser.fault().message.empty());
}

Outcome read(std::string_view bytes, std::size_t piece) {
  RequestParser parser(kLimits);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && outcome.fault == 0; at += piece) {
    const std::string_view part = bytes.substr(at, piece);
    parser.feed(part);
    parser.take_expectation();
    collect(parser, outcome);
    const std::size_t most =
        kLimits.head_bytes + kLimits.target_bytes + kLimits.body_bytes + part.size();
    require(parser.held_bytes() <= most);
  }
  return outcome;
}

bool same(const HttpRequest& a, const HttpRequest& b) {
  if (a.headers.size() != b.headers.size()) return false;
  for (std::size_t i = 0; i < a.headers.size(); ++i) {
    if (a.headers[i].name != b.headers[i].name || a.headers[i].value != b.headers[i].value)
      return false;
  }
  return a.method == b.method && a.path == b.path && a.query == b.query && a.body == b.body &&
         a.keep_alive == b.keep_alive;
}

void check_plain_form(const HttpRequest& request) {
  const std::string plain = request.method + " " + request.path +
                            (request.query.empty() ? "" : "?" + request.query) +
                            " HTTP/1.1\r\nContent-Length: " + std::to_string(request.body.size()) +
                            "\r\n\r\n" + request.body;
  RequestParser parser;
  require(parser.feed(plain) == RequestParser::State::kComplete);
  const HttpRequest again = parser.take();
  require(parser.state() == RequestParser::State::kIdle);
  require(again.method == request.method && again.body == request.body);
  require(again.path == request.path && again.query == request.query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(bytes, bytes.size() + 1);
  for (const std::size_t piece : {1UL, 3UL, 64UL}) {
    const Outcome cut = read(bytes, piece);
    require(cut.fault == whole.fault && cut.requests.size() == whole.requests.size());
    for (std::size_t i = 0; i < cut.requests.size(); ++i)
      require(same(cut.requests[i], whole.requests[i]));
  }
  for (const HttpRequest& request : whole.requests) check_plain_form(request);
  return 0;
}
