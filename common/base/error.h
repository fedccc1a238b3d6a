// The one kind of error of this code base: a code of gRPC's canonical list and a
// sentence a person understands (what happened, to what, what to do next).
// Values, never thrown; each edge (HTTP, gRPC, exit code) has one table over Code.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trueque {

enum class Code {
  kInvalidArgument,
  kUnauthenticated,
  kPermissionDenied,
  kNotFound,
  kAlreadyExists,
  kFailedPrecondition,
  kAborted,
  kOutOfRange,
  kResourceExhausted,
  kCancelled,
  kDeadlineExceeded,
  kUnavailable,
  kUnimplemented,
  kDataLoss,
  kInternal,
};

// The canonical lower-case name, e.g. "not_found".
std::string_view code_name(Code code);

// The inverse of code_name; kInternal for a name it does not know.
Code code_from_name(std::string_view name);

struct Error {
  Code code = Code::kInternal;
  std::string message;
  // When trying again may help: how long to wait first.
  std::optional<std::chrono::milliseconds> retry_after;
};

inline Error make_error(Code code, std::string message) {
  return Error{code, std::move(message), std::nullopt};
}

}  // namespace trueque
