#include "peer_server/rpc/grpc_status.h"

#include <string>

#include "common/base/text.h"

namespace trueque {

grpc::StatusCode status_code_for(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Code::kUnauthenticated:
      return grpc::StatusCode::UNAUTHENTICATED;
    case Code::kPermissionDenied:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Code::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case Code::kAlreadyExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case Code::kFailedPrecondition:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case Code::kAborted:
      return grpc::StatusCode::ABORTED;
    case Code::kOutOfRange:
      return grpc::StatusCode::OUT_OF_RANGE;
    case Code::kResourceExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::kCancelled:
      return grpc::StatusCode::CANCELLED;
    case Code::kDeadlineExceeded:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case Code::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Code::kUnimplemented:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Code::kDataLoss:
      return grpc::StatusCode::DATA_LOSS;
    case Code::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

grpc::Status fail_call(grpc::ServerContextBase& context, const Error& error) {
  const bool worth_retrying =
      error.code == Code::kResourceExhausted || error.code == Code::kUnavailable;
  if (error.retry_after || worth_retrying) {
    const auto wait = error.retry_after.value_or(std::chrono::milliseconds(1'000));
    context.AddTrailingMetadata("retry-after-ms", std::to_string(wait.count()));
  }
  return {status_code_for(error.code), printable(error.message)};
}

}  // namespace trueque
