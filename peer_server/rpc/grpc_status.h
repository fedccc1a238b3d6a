// The one table from this code base's errors to gRPC's statuses.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/base/error.h"

namespace trueque {

grpc::StatusCode status_code_for(Code code);

// The status of a failed call. Where trying again may help, the wait goes into
// the trailing metadata `retry-after-ms` of `context`.
grpc::Status fail_call(grpc::ServerContextBase& context, const Error& error);

}  // namespace trueque
