// The exchanges of data/original/original-wire.txt: '>' what the original client
// sent, '<' what the original directory answered.
#pragma once

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace trueque::testing {

struct RecordedMessage {
  std::string head;  // lines with CRLF, the empty line included
  std::string body;
};

struct RecordedExchange {
  RecordedMessage request;
  RecordedMessage response;
};

inline void add_recorded_line(RecordedMessage& message, const std::string& line) {
  const bool head_done = message.head.ends_with("\r\n\r\n");
  if (!head_done) {
    message.head += line + "\r\n";
  } else if (!line.empty() || !message.body.empty()) {
    message.body += line + "\n";
  }
}

inline std::vector<RecordedExchange> read_recorded_wire(const std::string& path) {
  std::vector<RecordedExchange> exchanges;
  std::ifstream file(path);
  bool in_request = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    const bool marked = line.front() == '>' || line.front() == '<';
    if (line.front() == '>' && !in_request) exchanges.emplace_back();
    if (marked) in_request = line.front() == '>';
    // The marks stand on the first line of a body alone.
    const std::string text = marked ? line.substr(std::min<std::size_t>(2, line.size())) : line;
    RecordedExchange& last = exchanges.back();
    add_recorded_line(in_request ? last.request : last.response, text);
  }
  for (RecordedExchange& each : exchanges) {
    if (each.request.body.ends_with('\n')) each.request.body.pop_back();
  }
  return exchanges;
}

}  // namespace trueque::testing
