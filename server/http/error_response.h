// Errors as HTTP: the one table from codes to statuses, and the one error body.
#pragma once

#include "common/base/error.h"
#include "server/http/http_message.h"

namespace trueque {

int http_status(Code code);

// Retry-After (whole seconds, at least 1) wherever waiting may help.
HttpResponse error_response(const Error& error);
// For faults of HTTP itself, which have a status of their own.
HttpResponse error_response(int status, const Error& error);
// The status alone decides the code.
HttpResponse fault_response(int status, const std::string& message);

}  // namespace trueque
