// Turns the bytes of a connection into requests, one after another. A plain state
// machine without a socket: bytes go in as they arrive, in pieces of any size.
// HTTP/1.0 and 1.1; a body by Content-Length or chunked, else none. Memory stays
// within the limits whatever is sent. One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/http/http_message.h"

namespace trueque {

struct ParserLimits {
  std::size_t head_bytes = 16UL * 1024;  // request line and headers, or trailers
  std::size_t target_bytes = 8UL * 1024;
  std::size_t headers = 100;
  std::size_t body_bytes = 8UL * 1024 * 1024;
};

// Why a request was refused before it could be handled.
struct RequestFault {
  int status = 400;
  std::string message;
};

class RequestParser {
 public:
  enum class State { kIdle, kReading, kComplete, kFailed };

  explicit RequestParser(ParserLimits limits = {}) : limits_(limits) {}

  // kIdle: no byte of a request yet. kComplete: take() it. kFailed: see fault(),
  // nothing more can be read.
  State feed(std::string_view bytes);
  State state() const;

  // Only when kComplete. Bytes of the next request may already be here, so look
  // at state() again.
  HttpRequest take();

  const RequestFault& fault() const { return fault_; }

  // What it holds of requests that are not whole yet.
  std::size_t held_bytes() const { return buffer_.size() + request_.body.size(); }

  // True once a request: its client waits for "100 Continue" before the body.
  bool take_expectation();

 private:
  enum class Step {
    kLine,
    kHeaders,
    kSized,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailers,
    kDone,
    kFault
  };

  void advance();
  bool step();  // false: more bytes needed, or done
  // The next line without its end; false while it is incomplete or when it fails.
  bool next_line(std::string_view& line, std::size_t limit, int status_when_longer);
  bool fail(int status, std::string message);
  bool request_line(std::string_view line);
  bool target(std::string_view text);
  bool split_field(std::string_view line, std::string_view& name, std::string_view& value);
  bool header_line(std::string_view line);
  bool trailer_line(std::string_view line);
  bool head_done();
  bool choose_framing();
  bool content_length(std::string_view text);
  bool chunk_size(std::string_view line);
  bool body_bytes();

  ParserLimits limits_;
  Step step_ = Step::kLine;
  std::string buffer_;
  std::size_t used_ = 0;       // bytes of buffer_ already understood
  std::size_t head_used_ = 0;  // bytes of the head so far
  std::size_t pending_ = 0;    // body bytes still to come in this part
  bool old_version_ = false;   // HTTP/1.0
  bool expects_continue_ = false;
  HttpRequest request_;
  RequestFault fault_;
};

}  // namespace trueque
