// The one table from gRPC statuses to our errors, as a client reads them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "common/base/error.h"

namespace trueque {

// The status of a call that failed, with `retry-after-ms` of its trailing
// metadata where the peer sent one.
Error error_from_status(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace trueque
