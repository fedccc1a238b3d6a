// Lines a person or a script types.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "peer_client/cli/interrupts.h"

namespace trueque {

struct Line {
  enum class Kind { kText, kEnd, kInterrupted };
  Kind kind = Kind::kText;
  std::string text;  // without the newline
};

class LineInput {
 public:
  virtual ~LineInput() = default;
  // Writes `prompt` to `out` and waits for the answer. `secret`: not echoed where there
  // is a terminal that echoes, from before the prompt is seen on.
  virtual Line ask(std::ostream& out, std::string_view prompt, bool secret) = 0;
  virtual bool is_terminal() const = 0;
};

// Standard input. A signal ends the waiting.
class TerminalInput final : public LineInput {
 public:
  TerminalInput(int fd, Interrupts& interrupts) : fd_(fd), interrupts_(interrupts) {}
  Line ask(std::ostream& out, std::string_view prompt, bool secret) override;
  bool is_terminal() const override;

 private:
  Line read_until_newline();
  // False at the end of input or when interrupted.
  bool fill(Line& line);

  int fd_;
  Interrupts& interrupts_;
  std::string buffer_;  // read and not yet given out
};

// A stream, for tests.
class StreamInput final : public LineInput {
 public:
  explicit StreamInput(std::istream& stream) : stream_(stream) {}
  Line ask(std::ostream& out, std::string_view prompt, bool secret) override;
  bool is_terminal() const override { return false; }

 private:
  std::istream& stream_;
};

}  // namespace trueque
