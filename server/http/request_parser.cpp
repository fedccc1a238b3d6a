#include "server/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace trueque {
namespace {

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet kTokenCharacters = [] {
  CharacterSet set{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    set[static_cast<unsigned char>(c)] = true;
  return set;
}();

constexpr CharacterSet kTargetCharacters = [] {
  CharacterSet set{};
  for (std::size_t c = 0x21; c < set.size(); ++c) set[c] = c != 0x7F;
  return set;
}();

constexpr CharacterSet kFieldCharacters = [] {
  CharacterSet set = kTargetCharacters;
  set[' '] = set['\t'] = true;
  return set;
}();

bool all_of(std::string_view text, const CharacterSet& set) {
  return std::all_of(text.begin(), text.end(),
                     [&set](char c) { return set[static_cast<unsigned char>(c)]; });
}

bool is_token(std::string_view text) { return !text.empty() && all_of(text, kTokenCharacters); }

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Whether a comma-separated header holds `word`.
bool lists(std::string_view value, std::string_view word) {
  while (true) {
    const std::size_t comma = value.find(',');
    if (equals_ignoring_case(trim(value.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

constexpr std::size_t kMaxChunkLine = 1024;

}  // namespace

RequestParser::State RequestParser::state() const {
  if (step_ == Step::kFault) return State::kFailed;
  if (step_ == Step::kDone) return State::kComplete;
  return step_ == Step::kLine && used_ == buffer_.size() ? State::kIdle : State::kReading;
}

RequestParser::State RequestParser::feed(std::string_view bytes) {
  if (step_ == Step::kFault) return State::kFailed;
  buffer_ += bytes;
  advance();
  return state();
}

HttpRequest RequestParser::take() {
  HttpRequest request = std::move(request_);
  request_ = {};
  step_ = Step::kLine;
  head_used_ = 0;
  expects_continue_ = false;
  advance();
  return request;
}

bool RequestParser::take_expectation() {
  const bool waits = expects_continue_ && state() == State::kReading && step_ != Step::kHeaders;
  if (waits) expects_continue_ = false;
  return waits;
}

void RequestParser::advance() {
  while (step()) {
  }
  buffer_.erase(0, used_);
  used_ = 0;
}

bool RequestParser::step() {
  std::string_view line;
  switch (step_) {
    case Step::kLine:
      if (!next_line(line, limits_.target_bytes + 64, 414)) return false;
      return line.empty() || request_line(line);  // blank lines before a request are skipped
    case Step::kHeaders:
      if (!next_line(line, limits_.head_bytes, 431)) return false;
      return line.empty() ? head_done() : header_line(line);
    case Step::kChunkSize:
      return next_line(line, kMaxChunkLine, 400) && chunk_size(line);
    case Step::kChunkEnd:
      if (!next_line(line, 2, 400)) return false;
      step_ = Step::kChunkSize;
      return line.empty() || fail(400, "A chunk is longer than it says.");
    case Step::kTrailers:
      if (!next_line(line, limits_.head_bytes, 431)) return false;
      if (!line.empty()) return trailer_line(line);
      step_ = Step::kDone;
      return true;
    case Step::kSized:
    case Step::kChunk:
      return body_bytes();
    case Step::kDone:
    case Step::kFault:
      return false;
  }
  return false;
}

bool RequestParser::next_line(std::string_view& line, std::size_t limit, int status_when_longer) {
  const std::string_view rest = std::string_view(buffer_).substr(used_);
  const std::size_t end = rest.find('\n');
  const std::size_t length = end == std::string_view::npos ? rest.size() : end;
  const bool is_head = step_ != Step::kChunkSize && step_ != Step::kChunkEnd;
  if (length > limit)
    return fail(status_when_longer, "A line of the request is too long; send less.");
  if (is_head && head_used_ + length > limits_.head_bytes)
    return fail(431, "The request's headers are too large; send at most 16 KiB of them.");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  // Others on the way may take a lone line feed for a part of the line.
  if (!line.ends_with('\r')) return fail(400, "A line of the request does not end in CR LF.");
  line.remove_suffix(1);
  used_ += end + 1;
  if (is_head) head_used_ += end + 1;
  return true;
}

bool RequestParser::fail(int status, std::string message) {
  step_ = Step::kFault;
  fault_ = {status, std::move(message)};
  return false;
}

bool RequestParser::request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail(400, "This is not an HTTP request.");
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/")) return fail(400, "This is not an HTTP request.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return fail(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
  old_version_ = version == "HTTP/1.0";
  request_.keep_alive = !old_version_;
  request_.method = line.substr(0, first);
  if (!is_token(request_.method)) return fail(400, "The request's method is malformed.");
  step_ = Step::kHeaders;
  return target(line.substr(first + 1, last - first - 1));
}

bool RequestParser::target(std::string_view text) {
  if (text.size() > limits_.target_bytes)
    return fail(414, "The request's target is too long; send at most 8 KiB.");
  if (!all_of(text, kTargetCharacters)) return fail(400, "The request's target is malformed.");
  if (lower(text.substr(0, 7)) == "http://") {  // a proxy's form: the host is dropped
    text.remove_prefix(7);
    const std::size_t slash = text.find('/');
    text = slash == std::string_view::npos ? "/" : text.substr(slash);
  }
  const std::size_t question = text.find('?');
  request_.path = text.substr(0, question);
  if (question != std::string_view::npos) request_.query = text.substr(question + 1);
  return true;
}

bool RequestParser::split_field(std::string_view line, std::string_view& name,
                                std::string_view& value) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return fail(400, "A header of the request is malformed.");
  name = line.substr(0, colon);
  value = trim(line.substr(colon + 1));
  return all_of(value, kFieldCharacters) ||
         fail(400, "A header of the request holds a control character.");
}

bool RequestParser::header_line(std::string_view line) {
  std::string_view name;
  std::string_view value;
  if (!split_field(line, name, value)) return false;
  if (request_.headers.size() == limits_.headers)
    return fail(431, "The request has too many headers; send at most 100.");
  request_.headers.push_back({lower(name), std::string(value)});
  return true;
}

// What comes after the body says nothing anybody here asks for.
bool RequestParser::trailer_line(std::string_view line) {
  std::string_view name;
  std::string_view value;
  return split_field(line, name, value);
}

bool RequestParser::head_done() {
  if (const auto connection = request_.header("connection")) {
    if (lists(*connection, "close")) {
      request_.keep_alive = false;
    } else if (lists(*connection, "keep-alive")) {
      request_.keep_alive = true;
    }
  }
  if (const auto expect = request_.header("expect"); expect && !old_version_) {
    if (!equals_ignoring_case(*expect, "100-continue"))
      return fail(417, "The only expectation met here is 100-continue.");
    expects_continue_ = true;
  }
  return choose_framing();
}

// A request whose length could be read in two ways is refused: that is how
// requests are smuggled past proxies.
bool RequestParser::choose_framing() {
  const HttpHeader* length = nullptr;
  const HttpHeader* coding = nullptr;
  std::size_t hosts = 0;
  for (const HttpHeader& header : request_.headers) {
    if (header.name == "content-length") {
      if (length != nullptr) return fail(400, "The request has two lengths.");
      length = &header;
    } else if (header.name == "transfer-encoding") {
      if (coding != nullptr) return fail(400, "The request has two transfer encodings.");
      coding = &header;
    } else if (header.name == "host" && ++hosts > 1) {
      return fail(400, "The request has two hosts.");
    }
  }
  if (coding != nullptr) {
    if (length != nullptr || old_version_) return fail(400, "The request's length is ambiguous.");
    if (!equals_ignoring_case(coding->value, "chunked"))
      return fail(501, "The only transfer encoding understood here is chunked.");
    step_ = Step::kChunkSize;
    return true;
  }
  if (length != nullptr) return content_length(length->value);
  step_ = Step::kDone;
  return true;
}

bool RequestParser::content_length(std::string_view text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return fail(400, "Content-Length is not a number.");
  std::size_t length = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (failure != std::errc() || length > limits_.body_bytes)
    return fail(413, "The body is too large; send at most 8 MiB.");
  pending_ = length;
  step_ = length == 0 ? Step::kDone : Step::kSized;
  return true;
}

bool RequestParser::chunk_size(std::string_view line) {
  if (!all_of(line, kFieldCharacters))
    return fail(400, "A chunk's line holds a control character.");
  const std::string_view digits = line.substr(0, line.find_first_of("; \t"));
  const std::string_view rest = trim(line.substr(digits.size()));
  if (!rest.empty() && rest.front() != ';')
    return fail(400, "A chunk's size is not a hexadecimal number.");
  std::size_t length = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, length, 16);
  if (failure == std::errc::invalid_argument || stop != end)
    return fail(400, "A chunk's size is not a hexadecimal number.");
  if (failure != std::errc() || length > limits_.body_bytes - request_.body.size())
    return fail(413, "The body is too large; send at most 8 MiB.");
  pending_ = length;
  step_ = length == 0 ? Step::kTrailers : Step::kChunk;
  return true;
}

bool RequestParser::body_bytes() {
  const std::size_t now = std::min(pending_, buffer_.size() - used_);
  request_.body.append(buffer_, used_, now);
  used_ += now;
  pending_ -= now;
  if (pending_ > 0) return false;
  step_ = step_ == Step::kSized ? Step::kDone : Step::kChunkEnd;
  return true;
}

}  // namespace trueque
