// Exit codes, the same in all programs, and the one table from errors to them.
#pragma once

#include "common/base/error.h"

namespace trueque {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kRefused = 4,       // not logged in, or refused
  kUnreachable = 5,   // could not reach
  kVerification = 6,  // bytes did not match their content id
  kInputOutput = 74,  // read or write error
  kConfiguration = 78,
  kInterrupted = 130,
  kTerminated = 143,
};

constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

// kAborted stands for "a file could not be read or written" where it crosses
// this edge; it is what the file helpers return.
constexpr ExitCode exit_code_for(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
      return ExitCode::kUsage;
    case Code::kNotFound:
      return ExitCode::kNotFound;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return ExitCode::kRefused;
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kResourceExhausted:
      return ExitCode::kUnreachable;
    case Code::kDataLoss:
      return ExitCode::kVerification;
    case Code::kAborted:
      return ExitCode::kInputOutput;
    case Code::kCancelled:
      return ExitCode::kInterrupted;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kUnimplemented:
    case Code::kInternal:
      return ExitCode::kFailed;
  }
  return ExitCode::kFailed;
}

}  // namespace trueque
