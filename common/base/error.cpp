#include "common/base/error.h"

#include <array>

namespace trueque {
namespace {

struct Row {
  Code code;
  std::string_view name;
};

constexpr std::array kNames = {
    Row{Code::kInvalidArgument, "invalid_argument"},
    Row{Code::kUnauthenticated, "unauthenticated"},
    Row{Code::kPermissionDenied, "permission_denied"},
    Row{Code::kNotFound, "not_found"},
    Row{Code::kAlreadyExists, "already_exists"},
    Row{Code::kFailedPrecondition, "failed_precondition"},
    Row{Code::kAborted, "aborted"},
    Row{Code::kOutOfRange, "out_of_range"},
    Row{Code::kResourceExhausted, "resource_exhausted"},
    Row{Code::kCancelled, "cancelled"},
    Row{Code::kDeadlineExceeded, "deadline_exceeded"},
    Row{Code::kUnavailable, "unavailable"},
    Row{Code::kUnimplemented, "unimplemented"},
    Row{Code::kDataLoss, "data_loss"},
    Row{Code::kInternal, "internal"},
};

}  // namespace

std::string_view code_name(Code code) {
  for (const Row& row : kNames) {
    if (row.code == code) return row.name;
  }
  return "internal";
}

Code code_from_name(std::string_view name) {
  for (const Row& row : kNames) {
    if (row.name == name) return row.code;
  }
  return Code::kInternal;
}

}  // namespace trueque
